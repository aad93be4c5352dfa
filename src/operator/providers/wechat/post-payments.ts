import type { DebitLine } from '../provider.ts';
import { cut } from '../shown-text.ts';
import { limits } from './codes.ts';

/** One line as WeChat shows it to the payer; `amount` in fen. */
export interface PostPayment {
  readonly name: string;
  readonly description: string;
  readonly amount: number;
  readonly count: number;
}

/** What is taken off the sum of the lines, as WeChat shows it to the payer. */
interface PostDiscount {
  readonly name: string;
  readonly description: string;
  readonly amount: number;
}

/**
 * What an order asks for: with promotions the lines at the catalogue's prices, and what each promotion takes off all of them.
 * Where the amount is another one, or there are more lines or promotions than WeChat takes, the lines as they cost.
 */
export function postOrder(
  lines: readonly DebitLine[],
  amountMinor: number,
): { readonly post_payments: PostPayment[]; readonly post_discounts?: PostDiscount[] } {
  const plain = { post_payments: postPayments(lines, amountMinor) };
  const discounts = discountsIn(lines);
  const sumMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  if (discounts.length === 0 || discounts.length > limits.discountsMax || sumMinor !== amountMinor)
    return plain;
  const payments = lines.map(withoutDiscounts).flatMap(splitLine);
  return payments.length > limits.paymentsMax
    ? plain
    : { post_payments: payments, post_discounts: discounts };
}

function withoutDiscounts({ discounts = [], ...line }: DebitLine): DebitLine {
  return { ...line, amountMinor: discounts.reduce((sum, one) => sum + one.amountMinor, line.amountMinor) };
}

/** One a promotion. */
function discountsIn(lines: readonly DebitLine[]): PostDiscount[] {
  const byName = new Map<string, number>();
  for (const { discounts = [] } of lines)
    for (const { name, amountMinor } of discounts) byName.set(name, (byName.get(name) ?? 0) + amountMinor);
  return [...byName].map(([name, amount]) => ({
    name: cut(name, limits.discountNameMax),
    description: cut(name, limits.descriptionMax),
    amount,
  }));
}

/**
 * The lines of an order that add up to `amountMinor`: each article one, of more than 100 pieces several, and beyond 100 lines
 * the last ones merged. When the amount is not the sum of the lines (a report lowered it, a decision raised it) it is one
 * merged line of the whole amount: a discount would still name what the shopper has reported as bought, and pieces could not
 * be given prices that anybody has seen.
 */
export function postPayments(lines: readonly DebitLine[], amountMinor: number): PostPayment[] {
  const sumMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  if (lines.length === 0 || sumMinor !== amountMinor) return [merged(lines, amountMinor)];
  const split = lines.flatMap(splitLine);
  if (split.length <= limits.paymentsMax) return split;
  const kept = split.slice(0, limits.paymentsMax - 1);
  const rest = split.slice(limits.paymentsMax - 1);
  const restMinor = rest.reduce((sum, line) => sum + line.amount, 0);
  const pieces = rest.reduce((sum, line) => sum + line.count, 0);
  return [...kept, payment(`其他商品共${pieces}件`, restMinor, 1)];
}

function merged(lines: readonly DebitLine[], amountMinor: number): PostPayment {
  const pieces = lines.reduce((sum, line) => sum + piecesOf(line), 0);
  const [first] = lines;
  if (first === undefined) return payment('', amountMinor, 1);
  const rest = pieces > 1 ? `等${pieces}件商品` : '';
  return payment(`${cut(first.name, limits.descriptionMax - rest.length)}${rest}`, amountMinor, 1);
}

/** Parts of at most 100 pieces. What a piece costs is rounded down, and the last part has what is left. */
function splitLine(line: DebitLine): PostPayment[] {
  const pieces = piecesOf(line);
  const parts: PostPayment[] = [];
  let leftMinor = line.amountMinor;
  for (let left = pieces; left > 0; left -= limits.countMax) {
    const count = Math.min(left, limits.countMax);
    const isLast = count === left;
    const amount = isLast ? leftMinor : Math.floor(line.amountMinor / pieces) * count;
    parts.push(payment(line.name, amount, count));
    leftMinor -= amount;
  }
  return parts;
}

const piecesOf = ({ count }: DebitLine): number => Math.max(1, Math.trunc(count));

function payment(description: string, amount: number, count: number): PostPayment {
  return {
    name: limits.paymentName,
    description: cut(description, limits.descriptionMax) || '商品',
    amount,
    count,
  };
}
