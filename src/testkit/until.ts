/** Only bounds hanging: nothing that a test waits for takes so long, however busy the machine is. */
const hangMs = 120_000;
const pollEveryMs = 50;

/**
 * Asks again and again until `probe` answers something (not `null`, `undefined` or `false`), and answers that. Rejects with
 * `what` when it hangs. For what runs on the system's clock; a simulated cabinet has an `until` on its own (system/).
 */
export async function until<T>(
  what: string,
  probe: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = hangMs,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  }
}
