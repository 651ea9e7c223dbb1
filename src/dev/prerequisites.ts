import { execa } from 'execa';

export interface PrerequisiteNeeds {
  readonly temporal: boolean;
  readonly kafka: boolean;
  /** Maven only downloads Kafka; a cached one needs Java alone. */
  readonly isKafkaCached: boolean;
}

/** The tools of this machine. A tool that does not run counts as missing. */
export interface InstalledTools {
  readonly platform: NodeJS.Platform;
  readonly node: string;
  /** Undefined without Java. */
  readonly javaMajor: number | undefined;
  readonly hasMaven: boolean;
}

export class MissingPrerequisites extends Error {
  override readonly name = 'MissingPrerequisites';

  constructor(missing: readonly string[]) {
    super(['Cannot start the local services:', ...missing.map((item) => `  - ${item}`)].join('\n'));
  }
}

const NODE_MINIMUM = [20, 19] as const;
const JAVA_MINIMUM = 17;

const WITHOUT_LOCAL_KAFKA = 'or run `docker compose up` and set KAFKA_BROKERS';

export async function checkPrerequisites(needs: PrerequisiteNeeds): Promise<void> {
  const missing = findMissing(needs, await inspectTools(needs));
  if (missing.length > 0) throw new MissingPrerequisites(missing);
}

/** One line for each missing tool: its name, what to install, and the alternative. */
export function findMissing(needs: PrerequisiteNeeds, tools: InstalledTools): readonly string[] {
  const missing: string[] = [];
  if (!isNodeRecentEnough(tools.node)) {
    missing.push(`Node.js ${NODE_MINIMUM.join('.')} or later: this is ${tools.node}`);
  }
  if (tools.platform === 'win32' && (needs.temporal || needs.kafka)) {
    missing.push(
      'Linux or macOS: use WSL, or run `docker compose up` and set TEMPORAL_ADDRESS and KAFKA_BROKERS',
    );
  }
  if (!needs.kafka) return missing;
  if (tools.javaMajor === undefined || tools.javaMajor < JAVA_MINIMUM) {
    const found = tools.javaMajor === undefined ? '' : ` (found Java ${tools.javaMajor})`;
    missing.push(
      `Java ${JAVA_MINIMUM} or later, which runs Kafka${found}: install openjdk-${JAVA_MINIMUM}-jre-headless (Debian, Ubuntu) ` +
        `or openjdk@${JAVA_MINIMUM} (Homebrew), ${WITHOUT_LOCAL_KAFKA}`,
    );
  }
  if (!needs.isKafkaCached && !tools.hasMaven) {
    missing.push(
      `Maven, which downloads Kafka once: install maven (Debian, Ubuntu, Homebrew), ${WITHOUT_LOCAL_KAFKA}`,
    );
  }
  return missing;
}

async function inspectTools(needs: PrerequisiteNeeds): Promise<InstalledTools> {
  const { platform, versions } = process;
  if (!needs.kafka) return { platform, node: versions.node, javaMajor: undefined, hasMaven: false };
  const [javaMajor, hasMaven] = await Promise.all([
    readJavaMajor(),
    needs.isKafkaCached || runs('mvn', '--version'),
  ]);
  return { platform, node: versions.node, javaMajor, hasMaven };
}

/** Runs it, because macOS has a `java` that only reports that Java is missing. */
async function readJavaMajor(): Promise<number | undefined> {
  const { failed, stderr } = await execa('java', ['-version'], { reject: false, stdin: 'ignore' });
  const major = failed ? undefined : /version "(\d+)/.exec(stderr)?.[1];
  return major === undefined ? undefined : Number(major);
}

async function runs(command: string, ...args: readonly string[]): Promise<boolean> {
  const { failed } = await execa(command, args, { reject: false, stdin: 'ignore' });
  return !failed;
}

function isNodeRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minimumMajor, minimumMinor] = NODE_MINIMUM;
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}
