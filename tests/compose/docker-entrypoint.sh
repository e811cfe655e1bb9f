#!/bin/bash
# Of the stand-in for RabbitMQ's image: does as the real one's does, which starts as root only to stop being it.
set -e
if [ "$1" = rabbitmq-server ] && [ "$(id -u)" = 0 ]; then
  chown -R rabbitmq /var/lib/rabbitmq
  exec setpriv --reuid rabbitmq --regid rabbitmq --clear-groups "${BASH_SOURCE[0]}" "$@"
fi
exec "$@"
