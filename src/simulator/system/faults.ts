import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import type { CabinetHarness } from './cabinet-harness.ts';

/** Something that goes wrong, and how it is put right. */
export interface FaultCase {
  readonly name: string;
  /** What is hit; decides what can be expected while it is broken. */
  readonly part: 'lock' | 'reader' | 'scanner' | 'host' | 'kiosk' | 'network';
  /** Why the cabinet cannot sell while it is broken; null when it can, or when it comes and goes. */
  readonly reason: OutOfServiceReason | null;
  readonly apply: (harness: CabinetHarness) => void;
  readonly repair: (harness: CabinetHarness) => void;
}

const lock = (fault: 'silent' | 'mute' | 'garbage' | 'flood', name: string): FaultCase => ({
  name,
  part: 'lock',
  // A flooding board is cut off and tried again and again: for moments it answers.
  reason: fault === 'flood' ? null : 'lock_unreachable',
  apply: (harness) => {
    harness.fault('lock', fault);
  },
  repair: (harness) => {
    harness.fault('lock', 'none');
  },
});

const reader = (fault: 'silent' | 'garbage' | 'flood', name: string): FaultCase => ({
  name,
  part: 'reader',
  // Its frames stand between the flood, and are found there.
  reason: fault === 'flood' ? null : 'reader_unreachable',
  apply: (harness) => {
    harness.fault('tag-reader', fault);
  },
  repair: (harness) => {
    harness.fault('tag-reader', 'none');
  },
});

const network = (mode: 'cut' | 'blackhole' | 'drop-replies', name: string): FaultCase => ({
  name,
  part: 'network',
  reason: null,
  apply: (harness) => {
    harness.setNetwork(mode);
  },
  repair: (harness) => {
    harness.setNetwork('up');
  },
});

const nothing = (): void => undefined;

export const faultCases: readonly FaultCase[] = [
  {
    ...{ name: 'lock unplugged', part: 'lock', reason: 'lock_unreachable' },
    apply: (harness) => {
      harness.unplug('lock');
    },
    repair: (harness) => {
      harness.plug('lock');
    },
  },
  lock('silent', 'lock dead: neither obeys nor answers'),
  lock('mute', 'lock obeys, its answers are lost'),
  lock('garbage', 'lock answers garbage'),
  lock('flood', 'lock floods'),
  {
    ...{ name: 'reader unplugged', part: 'reader', reason: 'reader_unreachable' },
    apply: (harness) => {
      harness.unplug('tag-reader');
    },
    repair: (harness) => {
      harness.plug('tag-reader');
    },
  },
  reader('silent', 'reader silent'),
  reader('garbage', 'reader answers garbage'),
  reader('flood', 'reader floods'),
  {
    ...{ name: 'scanner unplugged', part: 'scanner', reason: null },
    apply: (harness) => {
      harness.unplug('code-scanner');
    },
    repair: (harness) => {
      harness.plug('code-scanner');
    },
  },
  {
    ...{ name: 'scanner floods', part: 'scanner', reason: null },
    apply: (harness) => {
      harness.fault('code-scanner', 'flood');
    },
    repair: (harness) => {
      harness.fault('code-scanner', 'none');
    },
  },
  {
    ...{ name: 'device host killed', part: 'host', reason: null },
    apply: (harness) => {
      harness.record('device host killed');
      harness.process.host.kill();
    },
    repair: nothing,
  },
  {
    ...{ name: 'device host hangs', part: 'host', reason: null },
    apply: (harness) => {
      harness.record('device host hangs');
      harness.process.host.hang();
    },
    repair: nothing,
  },
  {
    ...{ name: 'kiosk killed', part: 'kiosk', reason: null },
    apply: (harness) => {
      harness.crash();
    },
    repair: (harness) => {
      harness.start(false);
    },
  },
  network('cut', 'network cut'),
  network('blackhole', 'network swallows everything'),
  network('drop-replies', 'replies dropped'),
];
