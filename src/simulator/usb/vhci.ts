/** "hs 0000 004 …" in vhci-hcd's table: a port of high, full and low speed without a connection. */
const freeState = '004';

/**
 * A port of vhci-hcd to attach to. `table`: its file `status`; `children`: names below its root hub in sysfs (`3-1`). A port
 * counts as free only when the kernel has let go of the device that was there before: one that comes back looking the same
 * earlier is taken for it, is never configured, and answers nothing.
 */
export function freeVhciPort(table: string, children: readonly string[]): number | null {
  const held = new Set(children.map((name) => /^\d+-(\d+)$/.exec(name)?.[1]));
  for (const line of table.split('\n')) {
    const [hub, port, state] = line.trim().split(/\s+/);
    // Ports are counted from 0 there, from 1 in names.
    if (hub === 'hs' && state === freeState && !held.has(String(Number(port) + 1))) return Number(port);
  }
  return null;
}
