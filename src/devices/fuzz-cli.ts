import { findingMax, fuzzProtocol } from './protocol/fuzz.ts';
import { protocols } from './protocol/protocols.ts';

/**
 * `npm run fuzz -- [frames per protocol and direction] [seed] [protocol]`: a line for each direction, exit code 1 when
 * anything was found. The same arguments give the same inputs.
 */
const [frames = '1000000', seed = '1', only] = process.argv.slice(2);
const chosen = protocols.filter((one) => only === undefined || one.name === only);
const isUsable = Number(frames) >= 1 && Number.isInteger(Number(seed)) && chosen.length > 0;
if (!isUsable) {
  console.error('usage: [frames per protocol and direction] [seed] [protocol]');
  process.exit(2);
}
for (const protocol of chosen) {
  const nowMs = (): number => performance.now();
  for (const report of fuzzProtocol(protocol, { frameCount: Number(frames), seed: Number(seed), nowMs })) {
    const { direction, frameCount, framesPerSecond, acceptedCount, findingCount, findings } = report;
    const figures = `${frameCount} frames, ${framesPerSecond}/s, ${acceptedCount} still a message`;
    console.log(`${protocol.name} ${direction}: ${figures}, ${findingCount} findings`);
    for (const one of findings) console.log(`  ${one.kind} ${one.hex}: ${one.detail}`);
    if (findingCount > findingMax) console.log(`  … and ${findingCount - findingMax} more`);
    if (findingCount > 0) process.exitCode = 1;
  }
}
