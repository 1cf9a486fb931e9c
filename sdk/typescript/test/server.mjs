// A server that answers what a test tells it to, and keeps what it was asked.
import { createServer } from 'node:http';

/**
 * @param answers what to answer, one after another; the last one stays. Each is
 *   `{status, body, headers}`, a function of the request that makes one, or `'hang'`, or `'drop'`.
 */
export async function serve(...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const seen = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    requests.push(seen);
    let answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === 'function') answer = answer(seen);
    if (answer === 'hang') return;
    if (answer === 'drop') return void request.socket.destroy();
    const { status = 200, body = {}, headers = {} } = answer;
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An error as the API answers it. */
export function refusal(status, error, headers) {
  return { status, headers, body: { error: { type: 'invalid_request_error', message: 'No.', ...error } } };
}
