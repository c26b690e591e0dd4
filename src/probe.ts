import { get } from 'node:http';

// The container's health check: asks /livez without a tool that the image does not have. Exit 0 or 1.

/** A variable as the program reads it: an empty one counts as unset, and Kubernetes sets one for a service "http". */
function variable(name: string, otherwise: string): string {
  const value = process.env[name]?.trim() ?? '';
  return value === '' || /^(tcp|udp):\/\//.test(value) ? otherwise : value;
}

const port = variable('HTTP_PORT', '8092');
const host = variable('HTTP_HOST', '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
// Without a login the server is on loopback, whatever HTTP_HOST says.
const hosts = [
  ...new Set(['127.0.0.1', '0.0.0.0', '::'].includes(host) ? ['127.0.0.1'] : [host, '127.0.0.1']),
];

function ask([first, ...others]: readonly string[]): void {
  const request = get({ host: first, port, path: '/livez', timeout: 4_000 }, (response) => {
    response.pipe(process.stdout);
    response.on('end', () => process.exit(response.statusCode === 200 ? 0 : 1));
  });
  request.on('timeout', () => request.destroy(new Error('no answer within 4 s')));
  request.on('error', (error) => {
    if (others.length > 0) return ask(others);
    console.error(`not alive: ${error.message}`);
    process.exit(1);
  });
}

if (Number(port) === 0) console.log('HTTP_PORT is 0: nothing can be asked');
else ask(hosts);
