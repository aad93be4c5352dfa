import type { DeviceView, SimulatorState } from '../api.ts';
import { lineFaults } from '../switches.ts';
import { button, byId, make, segments } from './dom.ts';
import { loadCatalog, loadCharges, loadNotices, loadState, send, watch } from './remote.ts';
import type { ChargeRow, Notice } from './remote.ts';
import { Shelves } from './shelves.ts';

const chargesEveryMs = 2000;
const stateEveryMs = 3000;
const toastMs = 4000;
const chargesShown = 6;
const noticesShown = 4;
const delaysMs = [0, 20, 200, 1000, 3000];

let state: SimulatorState | null = null;
let handMode = 'take';
let hideToast: number | undefined;

/** Does it, and says why when it was refused. */
async function act(path: string, body: object): Promise<void> {
  const outcome = await send(path, body);
  if (!outcome.ok) toast(outcome.why);
}

function toast(text: string): void {
  const element = byId('toast');
  element.textContent = text;
  element.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => {
    element.hidden = true;
  }, toastMs);
}

function onClick(id: string, path: string, body: object): void {
  byId(id).addEventListener('click', () => void act(path, body));
}

const codes = [
  {
    label: 'Enrol face',
    title: 'The code with which a face may be enrolled',
    send: () => presentOdd('enrol'),
  },
  { label: 'Expired', title: 'A code that ended an hour ago', send: () => presentOdd('expired') },
  {
    label: 'Again',
    title: 'The code that was presented last, again',
    send: () => presentOdd('replayed'),
  },
  {
    label: 'Unknown',
    title: 'Well formed, but not signed by the operator',
    send: () =>
      act('/scan', {
        text: `KM1.M1001.${(Date.now() / 1000 + 60).toString(36).split('.')[0] ?? ''}.AAAAAAAAAAAA.${'A'.repeat(86)}`,
      }),
  },
  {
    label: 'Garbage',
    title: 'Not a member code at all',
    send: () => act('/scan', { text: 'https://example.invalid/\u0001%%%' }),
  },
  {
    label: 'Oversized',
    title: '5000 characters',
    send: () => act('/scan', { text: 'KM1.' + 'x'.repeat(5000) }),
  },
  {
    label: 'EAN-13',
    title: 'EAN-13 of a drink',
    send: () => act('/scan', { text: '2000417000103', aim: ']E0' }),
  },
];

async function presentOdd(code: 'enrol' | 'expired' | 'replayed'): Promise<void> {
  const memberId = state?.members[0]?.memberId;
  if (memberId === undefined) toast('the operator names no members');
  else await act('/present', { memberId, code });
}

const deviceNames = {
  lock: 'Lock board',
  'door-sensor': 'Door sensor',
  'tag-reader': 'Tag reader',
  'code-scanner': 'Code scanner',
  scale: 'Scale',
  light: 'Camera light',
} as const;
type Kind = keyof typeof deviceNames;
const kinds = Object.keys(deviceNames) as Kind[];

/** One row each: whether the kiosk holds it, its cable, its fault. Returns how to show a new state. */
function deviceRow(kind: Kind): (view: DeviceView | null) => void {
  const dot = make('span', 'dot');
  const plug = button('', 'Pulls or plugs the USB cable', () => {
    void act(`/devices/${kind}`, { connected: state?.devices[kind]?.connected !== true });
  });
  const fault = make('select');
  fault.setAttribute('aria-label', `Fault of the ${deviceNames[kind]}`);
  for (const name of kind === 'lock' ? [...lineFaults, 'jammed'] : lineFaults) {
    const option = make('option', '', name === 'none' ? 'no fault' : name.replace('_', ' '));
    option.value = name;
    fault.append(option);
  }
  fault.addEventListener('change', () => void act(`/devices/${kind}`, { fault: fault.value }));
  const row = [dot, make('span', '', deviceNames[kind]), plug, fault];
  byId('devices').append(...row);
  return (view) => {
    for (const part of row) part.hidden = view === null;
    if (view === null) return;
    dot.classList.toggle('on', view.attached);
    dot.title = view.attached ? 'The kiosk holds the link' : 'No kiosk on the link';
    plug.textContent = view.connected ? 'Unplug' : 'Plug in';
    plug.classList.toggle('danger', view.connected);
    fault.value = view.fault;
    fault.classList.toggle('faulty', view.fault !== 'none');
  };
}

function wireSwitches(): (next: SimulatorState) => void {
  segments(
    byId('hand-mode'),
    [
      { value: 'take', label: 'takes', title: 'Takes the item out' },
      {
        value: 'cover',
        label: 'covers the tag',
        title: 'A hand or a can before the tag: it is hardly ever read',
      },
    ],
    (value) => {
      handMode = value;
    },
  )(handMode);
  const showNetwork = segments(
    byId('network'),
    [
      { value: 'up', label: 'up', title: 'As it should be' },
      { value: 'cut', label: 'cut', title: 'Connections are reset' },
      { value: 'blackhole', label: 'black hole', title: 'Connects, but nothing ever arrives' },
      { value: 'drop-replies', label: 'replies lost', title: 'The request arrives, its reply is lost' },
    ],
    (mode) => void act('/network', { mode }),
  );
  segments(
    byId('provider'),
    [
      { value: 'ok', label: 'pays', title: 'Debits at once' },
      { value: 'decline', label: 'declines', title: 'Balance too low' },
      { value: 'delay', label: 'slow', title: 'Debits after 5 s' },
      { value: 'timeout_after_charge', label: 'pays, then silent', title: 'Debits, but its answer is lost' },
      { value: 'down', label: 'down', title: 'Answers nothing' },
    ],
    (mode) => void act('/provider', mode === 'delay' ? { mode, delayMs: 5000 } : { mode }),
  )('ok');
  const delay = byId('delay') as HTMLSelectElement;
  for (const ms of delaysMs) {
    const option = make('option', '', `${ms} ms`);
    option.value = String(ms);
    delay.append(option);
  }
  delay.addEventListener('change', () => void act('/network', { delayMs: Number(delay.value) }));
  return ({ network }) => {
    showNetwork(network.mode);
    delay.value = String(network.delayMs);
  };
}

/** Of several doors each, from the first. */
function doorFacts({ doors }: SimulatorState): string {
  return doors.map(({ door, bolt }) => `${door}, bolt ${bolt}`).join(' · ');
}

function wireButtons(): void {
  onClick('pull', '/door', { action: 'pull' });
  onClick('close', '/door', { action: 'close' });
  onClick('force', '/door', { action: 'force' });
  onClick('foreign', '/goods', { action: 'put_foreign' });
  onClick('restock', '/goods', { action: 'restock' });
  onClick('power-kill', '/power', { action: 'kill' });
  onClick('power-start', '/power', { action: 'start' });
  byId('door').addEventListener('click', () => {
    void act('/door', { action: state?.door === 'open' ? 'close' : 'pull' });
  });
  for (const code of codes) byId('codes').append(button(code.label, code.title, () => void code.send()));
}

let membersDrawn = '';
function showMembers(state: SimulatorState): void {
  const { members } = state;
  const now = JSON.stringify(members);
  if (now === membersDrawn) return;
  membersDrawn = now;
  showPhones(state);
  byId('members').replaceChildren(
    ...members.map((member) => {
      const one = button('', `Shows ${member.memberId}'s code to the scanner`, () => {
        void act('/present', { memberId: member.memberId });
      });
      one.append(make('b', '', member.display), make('small', '', member.note ?? member.memberId));
      return one;
    }),
  );
}

/** Simulated phones that scan the cabinet's own code; the last button plays a photograph of the one before. */
function showPhones({ members, screenReader }: SimulatorState): void {
  byId('phones').hidden = !screenReader;
  byId('phone-members').replaceChildren(
    ...members.map(({ memberId, display }) =>
      button(display, `${memberId} scans the QR on the screen`, () => void act('/phone', { memberId })),
    ),
    button('Old photo', 'The QR that was scanned last, again', () => {
      const memberId = members.at(-1)?.memberId;
      if (memberId !== undefined) void act('/phone', { memberId, code: 'replayed' });
    }),
  );
}

function showPower({ power }: SimulatorState): void {
  byId('power').hidden = power === null;
  byId('power-state').textContent = power ?? '';
  (byId('power-kill') as HTMLButtonElement).disabled = power !== 'on';
  (byId('power-start') as HTMLButtonElement).disabled = power !== 'off';
}

/** An operator may have sold in several currencies; all that there are have two decimals. */
function amountText(amountMinor: number, currency: string | null): string {
  return `${currency ?? ''} ${(amountMinor / 100).toFixed(2)}`;
}

function showCharges(rows: ChargeRow[] | null): void {
  byId('charge-count').textContent = rows === null ? 'no answer' : String(rows.length);
  const body = byId('charges').querySelector('tbody');
  body?.replaceChildren(
    ...(rows ?? [])
      .slice(-chargesShown)
      .reverse()
      .map((row) => {
        const line = make('tr');
        const state = make('td', `state-${row.state}`, row.state.replace('_', ' '));
        state.title = row.reason ?? '';
        const reference = make('td', 'reference', row.chargeId.slice(-8));
        reference.title = row.chargeId;
        line.append(
          reference,
          make('td', '', row.memberId),
          make('td', 'number', amountText(row.totalMinor, row.currency)),
          state,
          make('td', 'number', String(row.debitCount ?? '')),
        );
        return line;
      }),
  );
}

/** What the members' phones were sent. */
function showNotices(notices: Notice[] | null): void {
  byId('notices').replaceChildren(
    ...(notices ?? [])
      .slice(0, noticesShown)
      .map(({ memberId, kind, ref, cabinetId, amountMinor, currency }) => {
        const sum = amountMinor === null ? '' : ` ${amountText(amountMinor, currency)}`;
        const line = make('li', '', `${memberId}: ${kind.replaceAll('_', ' ')}${sum}, ${cabinetId}`);
        line.title = ref;
        return line;
      }),
  );
}

async function main(): Promise<void> {
  wireButtons();
  const showNetwork = wireSwitches();
  const showDevice = Object.fromEntries(kinds.map((kind) => [kind, deviceRow(kind)]));
  const catalog = await loadCatalog();
  const first = await loadState();
  if (catalog === null || first === null) {
    toast('the simulator does not answer: reload the page');
    return;
  }
  const shelves = new Shelves(catalog, first.shelfCount, {
    touch: ({ epc, covered }) => {
      void act('/goods', { action: handMode === 'take' ? 'take' : covered ? 'uncover' : 'cover', epc });
    },
    putBack: ({ epc }, shelf) => {
      void act('/goods', { action: 'put_back', epc, ...(shelf === undefined ? {} : { shelf }) });
    },
  });
  const show = (next: SimulatorState): void => {
    state = next;
    shelves.show(next);
    byId('door-facts').textContent = doorFacts(next);
    byId('door-facts').className = next.door === 'open' ? 'open' : next.bolt;
    byId('light-facts').textContent = next.light === null ? '' : `camera light ${next.light}`;
    showNetwork(next);
    showMembers(next);
    showPower(next);
    for (const kind of kinds) showDevice[kind]?.(next.devices[kind]);
  };
  show(first);
  watch(show, (up) => {
    const link = byId('link');
    link.textContent = up ? 'live' : 'the simulator is gone';
    link.classList.toggle('on', up);
  });
  const poll = async (): Promise<void> => {
    showCharges(await loadCharges());
    showNotices(await loadNotices());
    setTimeout(() => void poll(), chargesEveryMs);
  };
  void poll();
  // The operator's members, and a kiosk that ended by itself, are no change of the cabinet: they are asked for.
  const refresh = async (): Promise<void> => {
    const next = await loadState();
    if (next !== null) show(next);
  };
  setInterval(() => void refresh(), stateEveryMs);
}

void main();
