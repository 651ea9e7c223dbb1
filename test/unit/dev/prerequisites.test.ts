import { expect, test } from 'vitest';
import { findMissing, MissingPrerequisites, type InstalledTools } from '../../../src/dev/prerequisites.ts';

const COMPLETE: InstalledTools = { platform: 'linux', node: '20.20.2', javaMajor: 17, hasMaven: true };
const NOTHING: InstalledTools = { platform: 'linux', node: '18.12.0', javaMajor: undefined, hasMaven: false };
const EVERYTHING_NEEDED = { temporal: true, kafka: true, isKafkaCached: false };

test('a complete machine lacks nothing', () => {
  expect(findMissing(EVERYTHING_NEEDED, COMPLETE)).toEqual([]);
});

test('each missing tool is named with what to install and the alternative', () => {
  const { message } = new MissingPrerequisites(findMissing(EVERYTHING_NEEDED, NOTHING));

  expect(message).toBe(
    [
      'Cannot start the local services:',
      '  - Node.js 20.19 or later: this is 18.12.0',
      '  - Java 17 or later, which runs Kafka: install openjdk-17-jre-headless (Debian, Ubuntu) or openjdk@17 (Homebrew), or run `docker compose up` and set KAFKA_BROKERS',
      '  - Maven, which downloads Kafka once: install maven (Debian, Ubuntu, Homebrew), or run `docker compose up` and set KAFKA_BROKERS',
    ].join('\n'),
  );
});

test('an old Java is distinguished from a missing one', () => {
  expect(findMissing(EVERYTHING_NEEDED, { ...COMPLETE, javaMajor: 11 })).toEqual([
    expect.stringContaining('Java 17 or later, which runs Kafka (found Java 11)'),
  ]);
});

test('a cached Kafka needs no Maven, and a Kafka elsewhere no Java either', () => {
  const tools = { ...NOTHING, node: COMPLETE.node };

  expect(findMissing({ ...EVERYTHING_NEEDED, isKafkaCached: true }, tools)).toEqual([
    expect.stringContaining('Java 17 or later'),
  ]);
  expect(findMissing({ ...EVERYTHING_NEEDED, kafka: false }, tools)).toEqual([]);
});

test('on Windows WSL is named, and servers that run elsewhere may be used', () => {
  const tools: InstalledTools = { ...COMPLETE, platform: 'win32' };

  expect(findMissing(EVERYTHING_NEEDED, tools)).toEqual([expect.stringContaining('use WSL')]);
  expect(findMissing({ temporal: false, kafka: false, isKafkaCached: false }, tools)).toEqual([]);
});
