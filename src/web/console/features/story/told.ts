import type { Language } from '../../../../shared/i18n/language.ts';
import { messageWords } from '../../../../shared/i18n/message-words.ts';
import type { MemberMessage } from '../../../../shared/model/message.schema.ts';
import {
  type ShelfDetail,
  type Story,
  type StoryEntry,
  shelfDetailSchema,
} from '../../../../shared/console/work.schema.ts';
import type { Words } from '../../i18n/shape.ts';

export interface Told {
  /** What it is. */
  readonly what: string;
  /** What is known beside it; empty: nothing that a person reads. */
  readonly more: string;
  readonly amountMinor: number | null;
  /** A picture of the shelf, as a JPEG in base64. */
  readonly jpeg?: string;
}

/**
 * What of a story is shown: each thing once. That lines were reported, each line tells; that a charge came, its arrival does; and
 * what people have decided here, their act does.
 */
export function shownOf(entries: readonly StoryEntry[]): readonly StoryEntry[] {
  const acts = entries.filter(({ type }) => type === 'act');
  const isTold = ({ by, reason }: Detail): boolean =>
    acts.some(({ actor, detail }) => actor === by && detail === reason);
  return entries.filter(({ type, what, detail }) => {
    // That money has gone back, its event says, with when.
    if (type === 'refund') return what !== 'refunded';
    if (type === 'incident_closed')
      return !(what === 'refund_due' && detail.startsWith('paid back by itself'));
    if (type !== 'charge_event') return true;
    if (what === 'disputed' || what === 'received') return false;
    return !byPeople.has(what) || !isTold(detailOf(detail));
  });
}

const byPeople: ReadonlySet<string> = new Set(['resolved', 'made_by_hand']);
/** Their details are for programs: hashes and numbers. */
const forMachines: ReadonlySet<string> = new Set(['debit_leased', 'conflict']);

export function toldOf(
  entry: StoryEntry,
  words: Words,
  { lines, heldLines }: Pick<Story['charge'], 'lines' | 'heldLines'>,
  language: Language,
): Told {
  const { codes } = words;
  const { type, detail, amountMinor } = entry;
  const known: Readonly<Record<string, string>> = codes.story[type];
  const what = known[entry.what] ?? known['other'] ?? entry.what;
  const told = (more: string, heading = what): Told => ({ what: heading, more, amountMinor });
  switch (type) {
    case 'dispute': {
      return told(nameOf([...lines, ...heldLines], entry.what)?.[language] ?? entry.what);
    }
    case 'act':
    case 'decision':
      return told(detail, codes.acts[entry.what] ?? what);
    case 'charge_event':
      return { what, ...eventOf(entry, words) };
    case 'notice':
      return told(messageOf(entry, language));
    case 'shelf':
      return {
        ...told(shelfOf(detail, words, (sku) => nameOf([...lines, ...heldLines], sku)?.[language])),
        ...pictureOf(detail),
      };
    // Its sum stands beside it; a conflict's detail is a hash.
    case 'incident':
      return told(
        entry.what === 'refund_due' || entry.what === 'charge_conflict' ? '' : worded(detail, words),
      );
    default:
      return told(worded(detail, words));
  }
}

const nameOf = (
  lines: Story['charge']['lines'],
  sku: string,
): Story['charge']['lines'][number]['name'] | undefined => lines.find((line) => line.sku === sku)?.name;

function shelfDetailOf(text: string): ShelfDetail | null {
  try {
    return shelfDetailSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function pictureOf(text: string): Pick<Told, 'jpeg'> {
  const jpeg = shelfDetailOf(text)?.jpeg;
  return jpeg === undefined ? {} : { jpeg };
}

/** What the sensors of a shelf said, in words. */
function shelfOf(text: string, { story }: Words, named: (sku: string) => string | undefined): string {
  const detail = shelfDetailOf(text);
  if (detail === null) return '';
  const { count, heard, lane, milligrams, device, taken, added } = detail;
  if (lane !== undefined)
    return story.shelfWeight(lane, typeof milligrams === 'number' ? Math.round(milligrams / 1000) : null);
  if (count !== undefined && heard !== undefined) return story.shelfTags(count, heard);
  if (taken === undefined || added === undefined) return device ?? (count === undefined ? '' : String(count));
  const goods = (lines: typeof taken): string =>
    lines
      .map(({ sku, quantity }) => `${quantity} × ${sku === null ? story.unnamedGoods : (named(sku) ?? sku)}`)
      .join(', ');
  const said = [
    taken.length === 0 ? story.shelfNothing : story.shelfTaken + goods(taken),
    ...(added.length === 0 ? [] : [story.shelfAdded + goods(added)]),
  ];
  return said.join('\n');
}

function eventOf({ what, detail }: StoryEntry, words: Words): Omit<Told, 'what'> {
  if (forMachines.has(what)) return { more: '', amountMinor: null };
  const { by, reason, decision, amountMinor, rest } = detailOf(detail);
  if (rest === detail) return { more: worded(detail, words), amountMinor: null };
  const decided = decision === undefined ? undefined : (words.codes.acts[decision] ?? decision);
  const said = [decided, reason, by === undefined ? undefined : words.story.by(by), rest];
  return {
    more: said.filter((part) => part !== undefined && part !== '').join(' · '),
    amountMinor: amountMinor ?? null,
  };
}

interface Detail {
  readonly by?: string;
  readonly reason?: string;
  readonly decision?: string;
  readonly amountMinor?: number;
  /** What is no JSON of it. */
  readonly rest: string;
}

/** What is on record as JSON (who, what, why, how much), with or without words behind it. */
function detailOf(detail: string): Detail {
  const [, json = '', rest = ''] = /^(\{.*\})(?:: (.*))?$/su.exec(detail) ?? [];
  try {
    const { by, reason, decision, amountMinor } = JSON.parse(json) as Record<string, unknown>;
    return {
      ...(typeof by === 'string' ? { by } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
      ...(typeof decision === 'string' ? { decision } : {}),
      ...(typeof amountMinor === 'number' ? { amountMinor } : {}),
      rest,
    };
  } catch {
    return { rest: detail };
  }
}

/** What was written to the member, as they read it; empty: a notice by itself. */
function messageOf({ what, detail }: StoryEntry, language: Language): string {
  const [, template = ''] = /^message_(\w+)$/.exec(what) ?? [];
  const words: Readonly<Record<string, string>> = messageWords[language];
  const standing = words[template as MemberMessage['template']] ?? '';
  return [standing, detail].filter((part) => part !== '').join('\n');
}

/** Of a list of codes ("fake: unanswered, code, 3 times") each that there is a word for. */
export function worded(detail: string, { codes, story }: Words): string {
  const { answers, reasons, incidents, providers } = codes;
  const all: Readonly<Record<string, string>> = { ...incidents, ...reasons, ...answers, ...providers };
  return detail
    .split(/(, |: )/)
    .map((part) => {
      const [, count] = /^(\d+) times$/.exec(part) ?? [];
      return count === undefined ? (all[part] ?? part) : story.times(count);
    })
    .join('');
}
