/**
 * A tiny app in a slot: opens its data and brings it forward, says that it is well, looks for the next version. What it is told
 * lies in `behaviour.json` beside it.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

process.env.KAIMEN_FAULT_ROLE = 'app';
await import(process.env.KAIMEN_FAULT_SHIM);
const { writeFileAtomic } = await import(process.env.KAIMEN_WRITER);
const here = dirname(fileURLToPath(import.meta.url));
const { version, schema, isHealthy } = JSON.parse(readFileSync(join(here, 'behaviour.json'), 'utf8'));
const given = Object.fromEntries(process.argv.slice(2).map((arg) => arg.replace(/^--/, '').split('=')));
const { 'kaimen-root': root, 'kaimen-slot': slot, 'kaimen-order': order } = given;
const world = process.env.KAIMEN_WORLD;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const log = (text) => appendFileSync(join(world, 'log'), `${text}\n`);
process.on('SIGTERM', () => process.exit(0));
log(`start ${version} ${process.pid}`);

const db = new DatabaseSync(join(world, 'kaimen.db'), { timeout: 5_000 });
const { user_version: before } = db.prepare('PRAGMA user_version').get();
// Expand: a column more, that the version before does not know and leaves alone. Nothing is taken away.
if (before < schema)
  db.exec(`BEGIN; ALTER TABLE charge ADD COLUMN note TEXT; PRAGMA user_version = ${schema}; COMMIT`);
const { open } = db.prepare("SELECT count(*) AS open FROM charge WHERE state = 'in doubt'").get();
log(`queue ${version} ${open}`);
const say = async (phase) => {
  for (;;) {
    try {
      writeFileAtomic(join(root, 'health.json'), JSON.stringify({ order, phase }));
      return;
    } catch {
      await wait(50);
    }
  }
};
if (order !== undefined) {
  while (existsSync(join(world, 'hold'))) await wait(20);
  await say('migrated');
  if (isHealthy) await say('healthy');
}
log(`up ${version} ${process.pid}`);

const wanted = () => readFileSync(join(world, 'wanted'), 'utf8');
const endedOf = (one) => {
  try {
    const { ended } = JSON.parse(readFileSync(join(root, 'state.json'), 'utf8'));
    return ended.filter((each) => each.version === one && each.end !== 'committed').length;
  } catch {
    return 0;
  }
};
for (;;) {
  const next = wanted();
  const isTried =
    order !== undefined && JSON.parse(readFileSync(join(root, 'state.json'), 'utf8')).trying !== null;
  if (next === version || isTried || endedOf(next) >= 3) {
    await wait(50);
    continue;
  }
  const {
    KAIMEN_UPDATER: program,
    KAIMEN_URL: url,
    KAIMEN_FIRST_ROOT: firstRoot,
    KAIMEN_FAULT_SHIM: shim,
  } = process.env;
  const args = ['--import', shim, program, root, slot, next, url, firstRoot, join(world, 'gate')];
  const env = { ...process.env, KAIMEN_FAULT_ROLE: 'updater' };
  const updater = spawn(process.execPath, args, { stdio: 'inherit', env });
  log(`updater ${updater.pid}`);
  const code = await new Promise((resolve) => updater.on('exit', (it, signal) => resolve(signal ?? it)));
  if (code !== 0) {
    await wait(100);
    continue;
  }
  log(`switch ${version} ${existsSync(join(world, 'gate')) ? 'quiet' : 'DISTURBED'}`);
  process.exit(75);
}
