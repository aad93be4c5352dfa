/**
 * All tests that attack: those of the parts, and those of the real app and of the packed one in dist/. Prints what was
 * tried, whether it was stopped, and which test shows it. Exit code 1 when something got through.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const artifacts = join(project, 'artifacts', 'attack');
mkdirSync(artifacts, { recursive: true });

function run(command, args, env = {}) {
  const options = { cwd: project, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } };
  return spawnSync(command, args, options).status ?? 1;
}
const read = (name) => JSON.parse(readFileSync(join(artifacts, name), 'utf8'));

const codes = [
  run('vitest', [
    ...['run', '-c', 'build/vitest.config.ts', '.attack.test', '--reporter=default', '--reporter=json'],
    `--outputFile.json=${join(artifacts, 'parts.json')}`,
  ]),
  run('playwright', ['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json', '.attack.e2e'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: join(artifacts, 'app.json'),
    KAIMEN_PACKED: join(project, 'dist', 'linux-unpacked', 'kaimen'),
  }),
];

const rows = [];
for (const file of read('parts.json').testResults) {
  for (const { fullName, status } of file.assertionResults)
    rows.push({ attack: fullName, status, test: relative(project, file.name) });
}
function ofSuite(suite, names) {
  for (const spec of suite.specs ?? []) {
    const results = spec.tests.flatMap((one) => one.results.map(({ status }) => status));
    const status = results.includes('skipped') ? 'skipped' : spec.ok ? 'passed' : 'failed';
    rows.push({ attack: [...names, spec.title].join(' '), status, test: `e2e/${spec.file}` });
  }
  for (const inner of suite.suites ?? [])
    ofSuite(inner, suite.title === suite.file ? names : [...names, suite.title]);
}
for (const suite of read('app.json').suites) ofSuite(suite, []);

const words = { passed: 'stopped', failed: 'GOT THROUGH', skipped: 'not tried' };
const width = Math.max(...rows.map(({ attack }) => attack.length));
process.stdout.write(`\n${'attack'.padEnd(width)}  stopped?     test\n`);
for (const { attack, status, test } of rows)
  process.stdout.write(`${attack.padEnd(width)}  ${(words[status] ?? status).padEnd(11)}  ${test}\n`);
const count = (status) => rows.filter((row) => row.status === status).length;
process.stdout.write(
  `\n${count('passed')} stopped, ${count('failed')} got through, ${count('skipped')} not tried\n`,
);
process.exit(codes.every((code) => code === 0) ? 0 : 1);
