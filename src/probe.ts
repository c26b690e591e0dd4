import { get } from 'node:http';

// The container's health check: asks /readyz without a tool that the image does not have. Exit 0 or 1.
const host =
  process.env.HTTP_HOST === undefined || process.env.HTTP_HOST === '0.0.0.0'
    ? '127.0.0.1'
    : process.env.HTTP_HOST;
const request = get({ host, port: process.env.HTTP_PORT, path: '/readyz', timeout: 4_000 }, (response) => {
  response.pipe(process.stdout);
  response.on('end', () => process.exit(response.statusCode === 200 ? 0 : 1));
});
request.on('timeout', () => request.destroy(new Error('no answer within 4 s')));
request.on('error', (error) => {
  console.error(`not ready: ${error.message}`);
  process.exit(1);
});
