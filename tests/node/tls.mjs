// A public host that leads to the local stack: TLS with a certificate of our own, for curl and fetch.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';

/**
 * Ends the TLS of `hosts` and hands what is in it to the stack at `baseUrl`.
 *
 * @param dir where the certificate and curl's configuration go; `CURL_HOME` for curl.
 */
export async function startTls(hosts, dir) {
  const key = join(dir, 'key.pem');
  const certificate = join(dir, 'certificate.pem');
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=tests', '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', certificate]),
    { stdio: 'pipe' },
  );
  let target;
  const sockets = new Set();
  const server = tls.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
    const { hostname, port } = new URL(target);
    const inner = net.connect(Number(port), hostname);
    for (const end of [socket, inner]) {
      sockets.add(end);
      end.on('error', () => socket.destroy(inner.destroy()));
      end.on('close', () => sockets.delete(end));
    }
    socket.pipe(inner).pipe(socket);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const lines = hosts.map((host) => `connect-to = "${host}:443:127.0.0.1:${port}"`);
  writeFileSync(join(dir, '.curlrc'), [...lines, `cacert = "${certificate}"`, 'silent', 'show-error', ''].join('\n'));
  const undo = redirect(new Set(hosts), port, readFileSync(certificate));
  return {
    /** From now on the hosts are this stack. */
    leadTo(baseUrl) {
      target = baseUrl;
    },
    close() {
      undo();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Makes `fetch` of this process find the hosts, which it opens with `tls.connect`. */
function redirect(hosts, port, ca) {
  const { connect } = tls;
  tls.connect = (options, ...rest) =>
    hosts.has(options?.host)
      ? connect({ ...options, host: '127.0.0.1', port, ca, servername: options.host }, ...rest)
      : connect(options, ...rest);
  return () => {
    tls.connect = connect;
  };
}
