import { chainHeader } from './chain-header.ts';
import { apiVersionHeader } from './signing.ts';

/**
 * The operator signs its answers with an Ed25519 key of its own, so that nobody on the way (a proxy with a certificate that
 * this machine trusts, a stolen TLS key, a wrong address) can answer in its place. Every answer to a cabinet is signed, as
 * every one decides something: a door, a bill, prices, what a cabinet need not send again, a final no. Except what the
 * operator says to whoever has not proven who they are, for that could be asked for by anybody: of this only 401, which
 * decides nothing but the time to sign with, and a successful enrolment.
 *
 * What is asked and answered in headers is signed, too, so that nobody drops or changes one on the way: a cabinet says in its
 * nonce that it knows of this (`withHeadersSigned`), and the operator signs the headers as it has received them. The nonce is
 * in the request's signature and in the answer's, so nobody can make a cabinet one from before; and an operator from before
 * takes such a nonce as any other, and signs without headers as ever.
 *
 * Signed is one header. Form: `<operator time, ms>.<key>.<next key>.<revoked keys>.<signature>`; keys are raw public keys in
 * base64url; `-` where there is none; revoked ones are separated by commas. What the keys mean to a cabinet:
 * main/operator/operator-keys.ts.
 */
export const answerHeader = 'kaimen-answer';

/** At most so many keys are named as revoked. */
export const revokedKeysMax = 4;

/** What was asked, as its sender knows it: an answer to anything else is none to this. */
export interface Asked {
  readonly method: string;
  /** As on the request line. */
  readonly path: string;
  readonly cabinetId: string;
  /** Of this very request: 16 random bytes, base64url. */
  readonly nonce: string;
  /** Lower-case hex of SHA-256 over the request's body as its header says it; null: the header is not there. */
  readonly bodySha256Hex: string | null;
}

/** The answer itself, as far as a cabinet goes by it. */
export interface Answered {
  readonly status: number;
  /** Header ETag and Retry-After; null: not there. */
  readonly etag: string | null;
  readonly retryAfter: string | null;
  /** Lower-case hex of SHA-256 over the exact bytes of the body (of no bytes when there is none). */
  readonly bodySha256Hex: string;
}

/** All headers of a request and of its answer, names in lower case. */
export interface ExchangedHeaders {
  readonly asked: HeaderValues;
  readonly answered: HeaderValues;
}
type HeaderValues = Readonly<Record<string, string | readonly string[] | number | undefined>>;

/** The headers that decide something and are in no other line of the signed text. */
const signedHeaderNames = {
  asked: [apiVersionHeader, chainHeader, 'if-none-match'],
  answered: [apiVersionHeader, 'content-type', 'location'],
} as const;

/** 16 bytes in base64url end in one of these … */
const usualEnds = 'AQgw';
/** … and in one of these when the answer is to be signed together with the headers: the same bytes to whoever decodes it. */
const markedEnds = 'BRhx';

/** The nonce of a request whose answer is to be signed together with the headers. `nonce`: base64url of 16 bytes. */
export function withHeadersSigned(nonce: string): string {
  const end = usualEnds.indexOf(nonce.slice(-1));
  return end < 0 ? nonce : nonce.slice(0, -1) + markedEnds.charAt(end);
}

/** Whether the answer to the request with this nonce is to be signed together with the headers. */
export function areHeadersSigned(nonce: string): boolean {
  return markedEnds.includes(nonce.slice(-1));
}

/** What the operator says about itself with each answer. */
export interface AnswerStatement {
  /** Operator's wall time, Unix ms. */
  readonly atMs: number;
  /** The public key that has signed. */
  readonly key: string;
  /** The key that will sign one day; null: none is announced. */
  readonly next: string | null;
  /** Keys that count no more. */
  readonly revoked: readonly string[];
}

/**
 * Fourteen lines, each ended by a line feed; none of the values has a line feed in it. With `headers`, six more: those that
 * decide something, of the request and of the answer, `-` where there is none.
 */
export function answerTextToSign(
  asked: Asked,
  answered: Answered,
  statement: AnswerStatement,
  headers?: ExchangedHeaders,
): string {
  const lines = [
    answerHeader,
    asked.method,
    asked.path,
    asked.cabinetId,
    asked.nonce,
    asked.bodySha256Hex ?? '-',
    String(answered.status),
    answered.etag ?? '-',
    answered.retryAfter ?? '-',
    answered.bodySha256Hex,
    ...partsOf(statement),
    ...(headers === undefined ? [] : signedHeadersOf(headers)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function signedHeadersOf({ asked, answered }: ExchangedHeaders): string[] {
  return [
    ...signedHeaderNames.asked.map((name) => asked[name]),
    ...signedHeaderNames.answered.map((name) => answered[name]),
  ].map((value) => String(value ?? '-'));
}

/** `signature`: Ed25519 over `answerTextToSign`, base64url. */
export function answerHeaderOf(statement: AnswerStatement, signature: string): string {
  return [...partsOf(statement), signature].join('.');
}

const keyForm = '[A-Za-z0-9_-]{43}';
const form = new RegExp(
  `^(0|[1-9]\\d{0,14})\\.(${keyForm})\\.(${keyForm}|-)\\.` +
    `(${keyForm}(?:,${keyForm}){0,${revokedKeysMax - 1}}|-)\\.([A-Za-z0-9_-]{86})$`,
);

/** Null: not in the form that this header has. */
export function parseAnswerHeader(text: string): { statement: AnswerStatement; signature: string } | null {
  const [, atMs, key, next, revoked, signature] = form.exec(text) ?? [];
  if (key === undefined || revoked === undefined || signature === undefined) return null;
  const statement: AnswerStatement = {
    atMs: Number(atMs),
    key,
    next: next === undefined || next === '-' ? null : next,
    revoked: revoked === '-' ? [] : revoked.split(','),
  };
  return { statement, signature };
}

function partsOf({ atMs, key, next, revoked }: AnswerStatement): string[] {
  return [String(atMs), key, next ?? '-', revoked.length === 0 ? '-' : revoked.join(',')];
}

/**
 * An enrolment token may name the operator's key, behind a dot: then only an answer by that key enrols. Null: it names
 * none, and the first answer is believed.
 */
export function keyNamedByToken(token: string): string | null {
  return new RegExp(`\\.(${keyForm})$`).exec(token)?.[1] ?? null;
}
