import type { IncomingMessage } from 'node:http';
import type { Access } from './access.js';

/** Why a request is not served. */
export interface GuardRefusal {
  readonly status: 403 | 415 | 421;
  readonly error: string;
}

/**
 * Keeps other websites out of the page; undefined lets the request through. A foreign `Host` is a name that was rebound
 * to this machine (DNS rebinding). A foreign `Origin` is another site that makes a visitor's browser write (cross-site
 * request forgery). A trusted proxy has checked both.
 */
export function refusalOf(request: IncomingMessage, access: Access): GuardRefusal | undefined {
  const { headers, method } = request;
  const trusted = access.trusts(request);
  const host = headers.host ?? '';
  if (!isKnown(request, access)) {
    return {
      status: 421,
      error: `the page is not known as ${JSON.stringify(nameOf(host).slice(0, 100))}: add this name to HTTP_ALLOWED_HOSTS`,
    };
  }
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (!isJson(headers['content-type'])) {
    return { status: 415, error: 'a write must have the content type application/json' };
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    return { status: 403, error: 'a write must come from the page itself, not from another site' };
  }
  const from = hostOf(headers.origin);
  // A proxy on this machine may send another `Host` than the browser did, so names in the settings are accepted too.
  const own = from !== undefined && (from === host || access.allows(nameOf(from)));
  if (!trusted && !own) {
    return { status: 403, error: 'a write must name the page itself as its Origin' };
  }
  return undefined;
}

/** Whether the request came by an address, under a name that was allowed, or from a trusted proxy. */
export function isKnown(request: IncomingMessage, access: Access): boolean {
  return access.trusts(request) || access.knows(nameOf(request.headers.host ?? ''));
}

/**
 * Headers of every answer of the page. Scripts and styles are loaded from the page's own files only. No site may show
 * the page in a frame; behind a trusted proxy (`trusted`) the proxy's own site may.
 */
export function securityHeaders(trusted: boolean): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${trusted ? "'self'" : "'none'"}`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** The name in a `Host` header, without the port, in lower case; IPv6 addresses without their brackets. */
export function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  const name = bracketed ? (bracketed[1] ?? '') : host.replace(/:\d*$/, '');
  return name.toLowerCase().replace(/\.$/, '');
}

function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined;
}

function isJson(type: string | undefined): boolean {
  return type !== undefined && /^application\/json\s*(;|$)/i.test(type);
}
