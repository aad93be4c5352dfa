import { z } from 'zod';
import { getJson, postJson } from './json-http.ts';

const chargeSchema = z.object({
  chargeId: z.string(),
  state: z.string(),
  totalMinor: z.number(),
  receivedCount: z.number(),
  debitCount: z.number(),
  review: z.boolean(),
  disputedMinor: z.number(),
  firstAtMs: z.number(),
  paidAtMs: z.number().nullable(),
});
export type OperatorCharge = z.infer<typeof chargeSchema>;

const disputesSchema = z.array(z.looseObject({ chargeId: z.string(), skus: z.array(z.string()) }));
const alarmsSchema = z.array(z.looseObject({ kind: z.string() }));

/** The development API of an operator that runs in a process of its own. */
export class OperatorClient {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  post(path: string, body: object): Promise<unknown> {
    return postJson(`${this.#base}/dev/${path}`, body);
  }
  async enrolToken(cabinetId: string): Promise<string> {
    return z.object({ token: z.string() }).parse(await this.post('enrol-token', { cabinetId })).token;
  }
  /** Oldest first. */
  async charges(): Promise<OperatorCharge[]> {
    return z.array(chargeSchema).parse(await getJson(`${this.#base}/dev/charges`));
  }
  /** What shoppers reported, newest first. */
  async disputes(): Promise<z.infer<typeof disputesSchema>> {
    return disputesSchema.parse(await getJson(`${this.#base}/dev/disputes`));
  }
  async alarms(): Promise<z.infer<typeof alarmsSchema>> {
    return alarmsSchema.parse(await getJson(`${this.#base}/dev/alarms`));
  }
}
