import { z } from 'zod';
import { parseArguments } from './arguments.ts';
import { findingMax, fuzzProtocol } from '../protocol/fuzz.ts';
import { protocols } from '../protocol/protocols.ts';

/**
 * `npm run fuzz -- [frames per protocol and direction] [seed] [protocol]`: a line for each direction, exit code 1 when
 * anything was found. The same arguments give the same inputs.
 */
const argumentTable = z.object({
  help: z.boolean().default(false),
  positionals: z.tuple([
    z.coerce.number().int().min(1).default(1_000_000),
    z.coerce.number().int().default(1),
    z.enum(protocols.map((one) => one.name)).optional(),
  ]),
});
const parsed = parseArguments(process.argv.slice(2), ['help'], argumentTable);
if (!parsed.ok || parsed.value.help) {
  console.error(
    `usage: [frames per protocol and direction] [seed] [protocol]; ` +
      `protocols: ${protocols.map((one) => one.name).join(', ')}`,
  );
  process.exit(parsed.ok ? 0 : 2);
}
const [frameCount, seed, only] = parsed.value.positionals;
const chosen = protocols.filter((one) => only === undefined || one.name === only);
for (const protocol of chosen) {
  const nowMs = (): number => performance.now();
  for (const report of fuzzProtocol(protocol, { frameCount, seed, nowMs })) {
    const { direction, framesPerSecond, acceptedCount, findingCount, findings } = report;
    const figures = `${report.frameCount} frames, ${framesPerSecond}/s, ${acceptedCount} still a message`;
    console.log(`${protocol.name} ${direction}: ${figures}, ${findingCount} findings`);
    for (const one of findings) console.log(`  ${one.kind} ${one.hex}: ${one.detail}`);
    if (findingCount > findingMax) console.log(`  … and ${findingCount - findingMax} more`);
    if (findingCount > 0) process.exitCode = 1;
  }
}
