import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const columnsSchema = z.array(
  z.object({
    name: z.string(),
    type: z.string(),
    notnull: z.number(),
    dflt_value: z.unknown(),
    pk: z.number(),
  }),
);
const objectsSchema = z.array(
  z.object({ type: z.string(), name: z.string(), table: z.string(), sql: z.string() }),
);

const objectsOf = (db: DatabaseSync) =>
  objectsSchema.parse(
    db.prepare('SELECT type, name, tbl_name AS "table", sql FROM sqlite_master WHERE sql IS NOT NULL').all(),
  );
const columnsOf = (db: DatabaseSync, table: string) =>
  columnsSchema.parse(db.prepare(`SELECT * FROM pragma_table_info(?)`).all(table));

/**
 * What an app of the schema `before` could meet on a file of the schema `after` that it does not expect: what it reads is gone or
 * another one, or what it writes is refused. Each in words; both are SQL.
 */
export function takesAway(before: string, after: string): string[] {
  const [old, now] = [made(before), made(after)];
  const tables = objectsOf(old).filter(({ type }) => type === 'table');
  const known = new Set(objectsOf(old).map(({ name }) => name));
  const columns = tables.flatMap(({ name }) =>
    changedColumns(name, columnsOf(old, name), columnsOf(now, name)),
  );
  const strict = objectsOf(now)
    .filter(({ name, table }) => !known.has(name) && known.has(table))
    .filter(({ type, sql }) => type === 'trigger' || /^CREATE UNIQUE/i.test(sql))
    .map(({ type, name, table }) => `${table}: the new ${type} ${name} may refuse what is written`);
  return [...columns, ...strict];
}

/** Tables before what stands on them: a snapshot has them by their names. SQLite's own it makes itself. */
function made(schema: string): DatabaseSync {
  const statements = schema.split(/(?<=;\n)\n/).filter((sql) => !sql.includes('CREATE TABLE sqlite_'));
  const isTable = (sql: string): boolean => /^(?:--.*\n)?CREATE TABLE/.test(sql);
  const db = new DatabaseSync(':memory:');
  for (const sql of statements.filter(isTable)) db.exec(sql);
  for (const sql of statements.filter((one) => !isTable(one))) db.exec(sql);
  return db;
}

type Column = z.infer<typeof columnsSchema>[number];
function changedColumns(table: string, before: readonly Column[], after: readonly Column[]): string[] {
  const gone = before
    .filter((one) => !after.some((other) => JSON.stringify(other) === JSON.stringify(one)))
    .map(({ name }) => `${table}.${name}: gone, or another one`);
  const wanted = after
    .filter(({ name }) => !before.some((one) => one.name === name))
    .filter(({ notnull, dflt_value }) => notnull === 1 && dflt_value === null)
    .map(({ name }) => `${table}.${name}: new, and asked for`);
  return after.length === 0 ? [`${table}: gone`] : [...gone, ...wanted];
}
