import { isFileName } from '../artifact.ts';

/** Characters that `encodeURIComponent` keeps and Markdown interprets: the details of a run show the link. */
const LEFT_BY_ENCODING = /[!'()*]/g;

/**
 * Where a report is served. An artifact's uri is a path of file names that hold `%`; each name is encoded once more.
 * @param base without a slash at the end
 */
export function reportUrl(base: string, uri: string): string {
  return [base, ...uri.split('/').map(encodeSegment)].join('/');
}

/** The file names in a request's path; undefined when {@link reportUrl} makes no such path. */
export function pathSegments(path: string): readonly string[] | undefined {
  if (!path.startsWith('/')) return undefined;
  try {
    const segments = path.slice(1).split('/').map(decodeURIComponent);
    return segments.every(isFileName) ? segments : undefined;
  } catch {
    return undefined;
  }
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    LEFT_BY_ENCODING,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
