import type { OutOfServiceReason } from '../../shared/model/visit.ts';
import type { CabinetRig } from './cabinet-rig.ts';

/** Something that goes wrong, and how it is put right. */
export interface FaultCase {
  readonly name: string;
  /** What is hit; decides what can be expected while it is broken. */
  readonly part: 'lock' | 'reader' | 'scanner' | 'host' | 'kiosk' | 'network';
  /** Why the cabinet cannot sell while it is broken; null when it can, or when it comes and goes. */
  readonly reason: OutOfServiceReason | null;
  readonly apply: (rig: CabinetRig) => void;
  readonly repair: (rig: CabinetRig) => void;
}

const lock = (fault: 'silent' | 'mute' | 'garbage' | 'babble', name: string): FaultCase => ({
  name,
  part: 'lock',
  // A babbling board is cut off and tried again and again: for moments it answers.
  reason: fault === 'babble' ? null : 'lock_unreachable',
  apply: (rig) => {
    rig.fault('lock', fault);
  },
  repair: (rig) => {
    rig.fault('lock', 'none');
  },
});

const reader = (fault: 'silent' | 'garbage' | 'babble', name: string): FaultCase => ({
  name,
  part: 'reader',
  // Its frames stand between the babble, and are found there.
  reason: fault === 'babble' ? null : 'reader_unreachable',
  apply: (rig) => {
    rig.fault('tag-reader', fault);
  },
  repair: (rig) => {
    rig.fault('tag-reader', 'none');
  },
});

const network = (mode: 'cut' | 'blackhole' | 'drop-replies', name: string): FaultCase => ({
  name,
  part: 'network',
  reason: null,
  apply: (rig) => {
    rig.net(mode);
  },
  repair: (rig) => {
    rig.net('up');
  },
});

const nothing = (): void => undefined;

export const faultCases: readonly FaultCase[] = [
  {
    ...{ name: 'lock unplugged', part: 'lock', reason: 'lock_unreachable' },
    apply: (rig) => {
      rig.unplug('lock');
    },
    repair: (rig) => {
      rig.plug('lock');
    },
  },
  lock('silent', 'lock dead: neither obeys nor answers'),
  lock('mute', 'lock obeys, its answers are lost'),
  lock('garbage', 'lock answers garbage'),
  lock('babble', 'lock babbles'),
  {
    ...{ name: 'reader unplugged', part: 'reader', reason: 'reader_unreachable' },
    apply: (rig) => {
      rig.unplug('tag-reader');
    },
    repair: (rig) => {
      rig.plug('tag-reader');
    },
  },
  reader('silent', 'reader silent'),
  reader('garbage', 'reader answers garbage'),
  reader('babble', 'reader babbles'),
  {
    ...{ name: 'scanner unplugged', part: 'scanner', reason: null },
    apply: (rig) => {
      rig.unplug('code-scanner');
    },
    repair: (rig) => {
      rig.plug('code-scanner');
    },
  },
  {
    ...{ name: 'scanner babbles', part: 'scanner', reason: null },
    apply: (rig) => {
      rig.fault('code-scanner', 'babble');
    },
    repair: (rig) => {
      rig.fault('code-scanner', 'none');
    },
  },
  {
    ...{ name: 'device host killed', part: 'host', reason: null },
    apply: (rig) => {
      rig.tell('device host killed');
      rig.process.host.kill();
    },
    repair: nothing,
  },
  {
    ...{ name: 'device host hangs', part: 'host', reason: null },
    apply: (rig) => {
      rig.tell('device host hangs');
      rig.process.host.hang();
    },
    repair: nothing,
  },
  {
    ...{ name: 'kiosk killed', part: 'kiosk', reason: null },
    apply: (rig) => {
      rig.crash();
    },
    repair: (rig) => {
      rig.start(false);
    },
  },
  network('cut', 'network cut'),
  network('blackhole', 'network swallows everything'),
  network('drop-replies', 'replies dropped'),
];
