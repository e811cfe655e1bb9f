#!/bin/bash
# Starts RabbitMQ with the one account that RABBITMQ_USER and RABBITMQ_PASSWORD name, and no other.
set -euo pipefail
for variable in RABBITMQ_USER RABBITMQ_PASSWORD; do
  if [[ ! ${!variable:-} =~ ^[A-Za-z0-9._~-]+$ ]]; then
    echo "$variable must be set and hold nothing but letters, digits and . _ ~ - (it becomes part of a URI)" >&2
    exit 1
  fi
done

umask 077
cat >/tmp/callmirror-definitions.json <<END
{
  "vhosts": [{ "name": "callmirror" }],
  "users": [{ "name": "$RABBITMQ_USER", "password": "$RABBITMQ_PASSWORD", "tags": "administrator" }],
  "permissions": [{ "user": "$RABBITMQ_USER", "vhost": "callmirror", "configure": ".*", "write": ".*", "read": ".*" }]
}
END
# RabbitMQ itself has no business with it.
unset RABBITMQ_USER RABBITMQ_PASSWORD
exec docker-entrypoint.sh rabbitmq-server
