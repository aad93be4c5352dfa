/**
 * With a charge, and with the health call, a cabinet says where its record of charges ends, so that nobody can take the
 * last of them away, or write them anew, and the operator not see it. The seals are under a key of the cabinet's own: the
 * operator keeps and compares them and can make none. Signed by itself, with the time of the request: an operator from
 * before there was this header checks the same signature of the request as ever.
 *
 * Form: `<seq>.<seal>.<told seq>.<told seal>.<signature>`; seals are 64 hex digits, `-` where there is none.
 */
export const chainHeader = 'kaimen-chain';

/** What the cabinet says of its record: its end, and the seal at the end that the operator has acknowledged last. */
export interface ChainStatement {
  readonly seq: number;
  readonly seal: string;
  /** `seal` null: the event that was acknowledged is not there any more. */
  readonly told: { readonly seq: number; readonly seal: string | null } | null;
}

/** A statement as it is signed. `timestampMs`: of the request, Unix time. */
export interface SignedChainStatement extends ChainStatement {
  readonly cabinetId: string;
  readonly timestampMs: number;
}

export function chainTextToSign(statement: SignedChainStatement): string {
  const { cabinetId, timestampMs } = statement;
  return `${chainHeader}\n${cabinetId}\n${timestampMs}\n${partsOf(statement).join('\n')}\n`;
}

/** `signature`: Ed25519 over `chainTextToSign`, base64url. */
export function chainHeaderOf(statement: ChainStatement, signature: string): string {
  return [...partsOf(statement), signature].join('.');
}

const form = /^([1-9]\d{0,14})\.([0-9a-f]{64})\.(0|[1-9]\d{0,14})\.([0-9a-f]{64}|-)\.([A-Za-z0-9_-]{86})$/;

/** Null: not in the form that this header has. */
export function parseChainHeader(text: string): { statement: ChainStatement; signature: string } | null {
  const [, seq, seal, toldSeq, toldSeal, signature] = form.exec(text) ?? [];
  if (seq === undefined || seal === undefined || toldSeq === undefined || signature === undefined)
    return null;
  const told =
    toldSeq === '0' ? null : { seq: Number(toldSeq), seal: toldSeal === '-' ? null : (toldSeal ?? null) };
  return { statement: { seq: Number(seq), seal, told }, signature };
}

function partsOf({ seq, seal, told }: ChainStatement): string[] {
  return [String(seq), seal, String(told?.seq ?? 0), told?.seal ?? '-'];
}
