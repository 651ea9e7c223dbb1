import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Whether a request may see reports; `sign in`: it has the token in its address, which must not stay there. */
export type Access = 'granted' | 'denied' | { readonly kind: 'sign in'; readonly cookie: string };

/** @param asked the token in the address, or an empty text */
export type ReportAccess = (asked: string, headers: IncomingHttpHeaders) => Access;

const COOKIE = 'imdb_reports';
export const TOKEN_PARAMETER = 'token';

/**
 * Takes a token as `Authorization: Bearer …`, or once as `?token=…`, which gives the browser a cookie. The cookie is
 * derived from the token, so that the token itself is in no browser's store.
 */
export function createReportAccess(token: string): ReportAccess {
  const pass = createHmac('sha256', token).update(COOKIE).digest('hex');
  return (asked, { authorization = '', cookie = '' }) => {
    const [, bearer = ''] = /^Bearer (.+)$/i.exec(authorization) ?? [];
    const [, given = ''] = new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]+)`).exec(cookie) ?? [];
    if (isSame(asked, token)) {
      return { kind: 'sign in', cookie: `${COOKIE}=${pass}; Path=/; HttpOnly; SameSite=Lax` };
    }
    return isSame(bearer, token) || isSame(given, pass) ? 'granted' : 'denied';
  };
}

/** In a time that does not depend on what is equal. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
