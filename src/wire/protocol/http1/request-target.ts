/** The target of a request line (RFC 9112 §3.2). */

export interface Target {
  readonly host: string | undefined;
  readonly path: string;
}

/**
 * `absolute-form` (to a proxy) names the host in the target, `authority-form` (CONNECT) is nothing but the host. Credentials
 * before an `@` are left out. @param field the `Host` field
 */
export function splitTarget(method: string, target: string, field: string | undefined): Target {
  // Some clients leave the credentials of an address in it.
  const host = field?.replace(/^.*@/, '');
  if (method === 'CONNECT') return { host: host ?? target, path: target };
  const absolute = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)(.*)$/i.exec(target);
  if (!absolute) return { host: host === '' ? undefined : host, path: target };
  const path = absolute[2]!;
  return { host: absolute[1]!, path: path.startsWith('/') ? path : `/${path}` };
}
