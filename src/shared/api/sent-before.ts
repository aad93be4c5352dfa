/**
 * With a charge a cabinet says that it has sent it before, and that the operator may have taken it then: it had said so, or
 * nothing came back that says that it had not. An operator that does not have it may have lost it (its database was put back
 * to a backup), and may have had it debited before that: so it asks the provider first. A header, because the body is the
 * same bytes for ever. It is not signed: with it nothing is done but asking first, and leaving to people what the cabinet
 * knows to have been with them. An operator from before there was this header does not look at it; one from before there was
 * a word about people reads the rest.
 */
export const sentBeforeHeader = 'kaimen-sent-before';
/** Beside it: `Resolution.atMs` of the last decision that the cabinet knows, so that an older one is not taken for it. */
export const knownDecisionHeader = 'kaimen-known-decision';

export interface SentBefore {
  /** How long ago it was first sent, ms, as far as nobody knows what came of that; null: the operator had it, or nobody knows. */
  readonly agoMs: number | null;
  /** That people had it in hand; null: not that the cabinet knows. With it nobody asks how long ago it was sent. */
  readonly withPeople: WithPeople | null;
}

/** What a cabinet knows of people's hand in a charge, of which an operator that has lost it knows nothing. */
export interface WithPeople {
  /** It waited for them and nothing more is known, or they had decided about it. */
  readonly stage: (typeof stages)[number];
  /** What was billed last, minor units: under a decision what was decided. */
  readonly billedMinor: number;
  /** `Resolution.atMs` of the last decision that is known; left out: of none. Waiting after it, it waits again. */
  readonly decisionAtMs?: number;
}

const stages = ['waiting', 'decided'] as const;

export function sentBeforeText({ agoMs, withPeople }: SentBefore): string {
  if (withPeople !== null) return `- ${withPeople.stage} ${withPeople.billedMinor}`;
  return agoMs === null ? '-' : String(agoMs);
}

type Header = string | readonly string[] | undefined;

/** Null: there is no such header. One that cannot be read says that it was sent, and not when. */
export function parseSentBefore(header: Header, knownDecision?: Header): SentBefore | null {
  if (header === undefined) return null;
  const text = typeof header === 'string' ? header : '';
  const isDecision = typeof knownDecision === 'string' && /^\d{1,15}$/.test(knownDecision);
  const decision = isDecision ? { decisionAtMs: Number(knownDecision) } : {};
  const [, word, billed] = /^- ([a-z]+) (\d{1,10})$/.exec(text) ?? [];
  const stage = stages.find((known) => known === word);
  const withPeople = stage === undefined ? null : { stage, billedMinor: Number(billed), ...decision };
  return { agoMs: /^\d{1,15}$/.test(text) ? Number(text) : null, withPeople };
}
