// A bounded queue of one's own at CallMirror's exchanges.

import amqp from "amqplib";

// Whatever becomes of this consumer, the broker keeps at most so much for it, and nothing once it is gone.
const limits = { "x-max-length-bytes": 16 * 1024 * 1024, "x-message-ttl": 60_000, "x-overflow": "drop-head" };
const fetchedAhead = 100;

/**
 * Hands (exchange, body) of what comes by the bindings, pairs of exchange and routing key, to a function, until that returns true;
 * calls ready once nothing more can be missed. Rejects where the connection is lost, or the function throws.
 */
export async function listen(uri, bindings, ready, take) {
  const connection = await amqp.connect(uri);
  const ended = new Promise((resolve, reject) => {
    connection.on("error", reject);
    connection.on("close", () => reject(new Error("the connection is gone")));
    begin(connection, bindings, take, resolve, reject).then(ready, reject);
  });
  try {
    await ended;
  } finally {
    await connection.close().catch(() => {});
  }
}

async function begin(connection, bindings, take, resolve, reject) {
  const channel = await connection.createChannel();
  channel.on("error", reject);
  const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true, durable: false, arguments: limits });
  for (const [exchange, key] of bindings) {
    // As the services declare it: so it does not matter who comes first.
    await channel.assertExchange(exchange, "topic", { durable: true });
    await channel.bindQueue(queue, exchange, key);
  }
  await channel.prefetch(fetchedAhead);
  await channel.consume(queue, (message) => {
    if (!message) return reject(new Error("the queue is gone"));
    try {
      if (take(message.fields.exchange, message.content)) resolve();
      channel.ack(message);
    } catch (error) {
      reject(error);
    }
  });
}
