"""A bounded queue of one's own at CallMirror's exchanges."""

import pika

# Whatever becomes of this consumer, the broker keeps at most so much for it, and nothing once it is gone.
LIMITS = {
    "x-max-length-bytes": 16 * 1024 * 1024,
    "x-message-ttl": 60_000,
    "x-overflow": "drop-head",
}
FETCHED_AHEAD = 100


def listen(uri, bindings, ready):
    """Yields (exchange, body) of what comes by the bindings, pairs of exchange and routing key; calls ready once nothing more can be missed."""
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    try:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True, auto_delete=True, arguments=LIMITS).method.queue
        for exchange, key in bindings:
            # As the services declare it: so it does not matter who comes first.
            channel.exchange_declare(exchange, "topic", durable=True)
            channel.queue_bind(queue, exchange, key)
        channel.basic_qos(prefetch_count=FETCHED_AHEAD)
        ready()
        for method, _properties, body in channel.consume(queue):
            yield method.exchange, body
            channel.basic_ack(method.delivery_tag)
    finally:
        if connection.is_open:
            connection.close()
