import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

/**
 * The arguments of a command as its table says: `flags` are the `--words` it knows, and `table` says what they and the
 * values at their places (`positionals`) must be. `cli.usage`: they mean nothing; the message names the first trouble.
 */
export function parseArguments<T>(
  args: readonly string[],
  flags: readonly string[],
  table: z.ZodType<T>,
): Result<T, Failure<'cli.usage'>> {
  const options = Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }]));
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const parsed = table.safeParse({ ...values, positionals });
    if (parsed.success) return ok(parsed.data);
    return fail('cli.usage', parsed.error.issues[0]?.message ?? 'not understood');
  } catch (error) {
    return fail('cli.usage', error instanceof Error ? error.message : String(error));
  }
}
