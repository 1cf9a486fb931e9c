// Somebody's webhook endpoint.
import { createServer } from 'node:http';

// A stream and a queue lie before a delivery, which a busy machine takes its time for.
const PATIENCE_MS = 60_000;

/** Listens on a free port, keeps what comes, and answers 200. */
export async function startReceiver() {
  const deliveries = [];
  const waiting = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end('ok');
    const delivery = { headers: request.headers, body: Buffer.concat(chunks) };
    deliveries.push(delivery);
    for (const look of waiting) look(delivery);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/webhooks`,
    deliveries,
    /** The first delivery of an event type. */
    first(type, timeoutMs = PATIENCE_MS) {
      const fits = ({ body }) => JSON.parse(body).type === type;
      const found = deliveries.find(fits);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${type} within ${timeoutMs} ms`)), timeoutMs);
        waiting.push((delivery) => {
          if (!fits(delivery)) return;
          clearTimeout(timer);
          resolve(delivery);
        });
      });
    },
    /** Waits until so many have come. */
    async count(least, timeoutMs = PATIENCE_MS) {
      const end = Date.now() + timeoutMs;
      while (deliveries.length < least) {
        if (Date.now() > end) throw new Error(`${deliveries.length} of ${least} deliveries within ${timeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A port that nobody listens on now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
