import { once } from 'node:events';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { createLocalReportFiles } from '../../../../src/adapters/files/report-files.ts';
import { createLogger } from '../../../../src/adapters/logger.ts';
import { startReportServer } from '../../../../src/adapters/http/report-server.ts';
import { loadConfig } from '../../../../src/config.ts';
import { reportUrl } from '../../../../src/domain/run/report-url.ts';
import { serveReports } from '../../../../src/worker/serve-reports.ts';
import { test } from '../../../support/unit/temp-dir.ts';

async function serve(directory: string, token?: string): Promise<string> {
  const settings = { port: 0, host: '127.0.0.1', token };
  const server = await startReportServer(settings, createLocalReportFiles(directory), (error) => {
    throw error;
  });
  onTestFinished(() => server.close());
  return server.url;
}

const TOKEN = 'a-token-of-the-test';

async function storePage(directory: string, run: string, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const page = { run, name: 'report-page', extension: '.html', bytes, rows: 1 } as const;
  return (await createLocalArtifactStore(directory).write(page)).uri;
}

/** Sends the request unchanged: `fetch` would normalize its path. */
async function send(url: string, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let response = '';
  socket.on('data', (chunk: Buffer) => (response += chunk.toString()));
  socket.write(request);
  await once(socket, 'close');
  return response;
}

describe('a report server', () => {
  test.for(['nightly', 'a/b c', '50 % Käse/../x', '<b>"ü" & (1)</b>?#', '..', ''])(
    'serves the report of the workflow id %j',
    async (workflowId, { dir }) => {
      const url = await serve(dir);
      const uri = await storePage(dir, `${workflowId}/run-1`, `<p>${workflowId}</p>`);

      const response = await fetch(reportUrl(url, uri));

      expect(response.status).toBe(200);
      expect(await response.text()).toBe(`<p>${workflowId}</p>`);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, max-age=86400, immutable',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none';.*frame-ancestors 'none'$/,
        ) as unknown,
      });
    },
  );

  test('answers HEAD like GET, without the page', async ({ dir }) => {
    const url = await serve(dir);
    const uri = await storePage(dir, 'nightly/run-1', '<p>ü</p>');

    const response = await fetch(reportUrl(url, uri), { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('9');
    expect(await response.text()).toBe('');
  });

  test('changes nothing', async ({ dir }) => {
    const url = await serve(dir);
    const uri = await storePage(dir, 'nightly/run-1', '<p></p>');

    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await fetch(reportUrl(url, uri), { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  test('serves report pages only: no other artifact, no file outside, no symbolic link', async ({ dir }) => {
    const store = join(dir, 'store');
    const url = await serve(store);
    const page = await storePage(store, 'nightly/run-1', '<p></p>');
    const folder = join(store, dirname(page));
    const name = 'report-page-000000000000.html';
    await Promise.all([
      writeFile(join(dir, name), 'secret'),
      writeFile(join(store, name), 'secret'),
      writeFile(join(folder, 'model-000000000000.model'), 'secret'),
      writeFile(join(folder, 'other.html'), 'secret'),
      mkdir(join(folder, 'report-page-111111111111.html')),
      symlink(join(dir, name), join(folder, 'report-page-222222222222.html')),
    ]);
    const below = `/${dirname(page)}`;

    for (const path of [
      `/${name}`,
      `/runs/../${name}`,
      `/runs/../../${name}`,
      `/runs/%2e%2e/%2e%2e/${name}`,
      `/runs/..%2f..%2f${name}`,
      `/runs/..\\..\\${name}`,
      `${below}/model-000000000000.model`,
      `${below}/other.html`,
      `${below}/report-page-111111111111.html`,
      `${below}/report-page-222222222222.html`,
      `${below}/report-page-333333333333.html`,
      `${below}/${'x'.repeat(300)}/${name}`,
      `/${page}%00`,
      '/%',
      'http://127.0.0.1/',
    ]) {
      const answer = await send(url, `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`);
      expect(answer, path).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer, path).toContain('No such report');
      expect(answer, path).not.toContain('secret');
    }
  });

  test('lists the newest reports, and each link works', async ({ dir }) => {
    const url = await serve(dir);
    const empty = await (await fetch(url)).text();
    const old = await storePage(dir, 'old/run-1', '<p>old</p>');
    await utimes(join(dir, old), new Date(0), new Date(0));
    await storePage(dir, '<script>/ü %/run-2', '<p>new</p>');

    const response = await fetch(url);
    const list = await response.text();
    const links = [...list.matchAll(/<a href="(\/runs[^"]*)">([^<]*)</g)];
    const pages = await Promise.all(links.map(async ([, link]) => (await fetch(`${url}${link}`)).text()));

    expect(empty).toContain('No reports yet');
    expect(links.map(([, , text]) => text)).toEqual(['&lt;script&gt;/ü %', 'old']);
    expect(pages).toEqual(['<p>new</p>', '<p>old</p>']);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('refuses requests for another host name', async ({ dir }) => {
    const url = await serve(dir);

    for (const host of ['evil.example', '127.0.0.1.evil.example', '']) {
      const answer = await send(url, `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    }
  });

  test('with a token, shows nothing without it, and says what to do', async ({ dir }) => {
    const url = await serve(dir, TOKEN);
    const page = reportUrl(url, await storePage(dir, 'run', 'a page'));
    const wrong = { authorization: `Bearer ${TOKEN}x`, cookie: 'imdb_reports=00' };

    for (const address of [url, page, `${url}/runbook`, `${page}?token=wrong`])
      for (const headers of [{}, wrong]) {
        const response = await fetch(address, { headers, redirect: 'manual' });
        expect(response.status).toBe(401);
        expect(response.headers.get('set-cookie')).toBeNull();
        expect(await response.text()).toContain('REPORT_TOKEN');
      }
  });

  test('a token in the address becomes a cookie, which does not contain it', async ({ dir }) => {
    const url = await serve(dir, TOKEN);
    const page = reportUrl(url, await storePage(dir, 'run', 'a page'));
    const signIn = await fetch(`${page}?token=${TOKEN}`, { redirect: 'manual' });
    const cookie = signIn.headers.get('set-cookie') ?? '';

    expect(signIn.status).toBe(303);
    expect(cookie).toMatch(/^imdb_reports=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(signIn.headers.get('location')).toBe(new URL(page).pathname);
    for (const headers of [{ cookie: cookie.split(';')[0] ?? '' }, { authorization: `Bearer ${TOKEN}` }])
      expect(await (await fetch(page, { headers })).text()).toBe('a page');
    const elsewhere = await send(
      url,
      `GET //evil.example/?token=${TOKEN} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    expect(elsewhere).toMatch(/\r\nlocation: \/evil\.example\/\r\n/);
  });

  test('does not start if its port is taken or REPORT_PORT is "off"', async ({ dir }) => {
    const url = new URL(await serve(dir));
    const logger = createLogger({ level: 'silent', file: join(dir, 'log') });

    for (const REPORT_PORT of [url.port, 'off']) {
      expect(await serveReports(loadConfig({ ARTIFACT_STORE: dir, REPORT_PORT }), logger)).toBeUndefined();
    }
  });
});
