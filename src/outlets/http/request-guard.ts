import type { IncomingMessage } from 'node:http';

/** Who may talk to the page, beyond the login. */
export interface GuardRules {
  /** Host names and addresses by which the page may be called, without a port. */
  readonly hosts: ReadonlySet<string>;
  /** Addresses of proxies that have done the login already (Home Assistant's ingress). */
  readonly trustedProxies: ReadonlySet<string>;
}

/** Why a request is not served. */
export interface GuardRefusal {
  readonly status: 403 | 415 | 421;
  readonly error: string;
}

/**
 * Keeps other websites out of the page. A foreign `Host` is a name that was rebound to this machine (DNS rebinding);
 * a foreign `Origin` is another site that lets a visitor's browser write (cross-site request forgery). A proxy that
 * is trusted answers for both.
 */
export function refusalOf(request: IncomingMessage, rules: GuardRules): GuardRefusal | undefined {
  const { headers, method } = request;
  const trusted = isTrusted(request, rules);
  const host = headers.host ?? '';
  if (!trusted && !rules.hosts.has(nameOf(host))) {
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
  const { origin } = headers;
  if (!trusted && (origin === undefined || hostOf(origin) !== host)) {
    return { status: 403, error: 'a write must name the page itself as its Origin' };
  }
  return undefined;
}

/** Whether the request comes from a proxy that has done the login already. */
export function isTrusted(request: IncomingMessage, { trustedProxies }: GuardRules): boolean {
  const address = request.socket.remoteAddress ?? '';
  return trustedProxies.has(address.replace(/^::ffff:/, ''));
}

/**
 * Headers of every answer of the page. Scripts and styles come from the page's own files only; nobody may show it in
 * a frame but a trusted proxy, on its own site.
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

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function isJson(type: string | undefined): boolean {
  return type !== undefined && /^application\/json\s*(;|$)/i.test(type);
}
