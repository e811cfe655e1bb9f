#!/bin/bash
# Exits 0 where RabbitMQ answers an AMQP 0-9-1 header with Connection.Start (a frame of type 1): it listens only once it has fully started.
# rabbitmq-diagnostics would start an Erlang machine of its own each time, a second of a core.
exec 3<>/dev/tcp/127.0.0.1/5672 || exit 1
printf 'AMQP\0\0\11\1' >&3
IFS= read -r -t 4 -N 1 type <&3
[ "$type" = $'\1' ]
