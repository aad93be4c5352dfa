import { type KeyObject, createPrivateKey, createPublicKey } from 'node:crypto';
import { asc, gt } from 'drizzle-orm';
import { callDevelopment, payPath } from '../../shared/api/development-routes.ts';
import type {
  DevelopmentBody,
  DevelopmentReply,
  DevelopmentRouteName,
  DevelopmentSender,
  OperatorCharge,
} from '../../shared/api/development-routes.ts';
import { type Operator, compose } from '../../operator/compose.ts';
import { development } from '../../operator/http/development.ts';
import type { AnswerKeys } from '../../operator/http/answer-keys.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { defaultPolicy } from '../../operator/limits.ts';
import { serveCatalog } from '../../operator/fleet/catalog.ts';
import type { MemberCodeKeys } from '../../operator/members/member-code.ts';
import { seedMembers } from '../../operator/members/sample-members.ts';
import { chargeEvent, member } from '../../operator/storage/schema.ts';
import type { Storage } from '../../operator/storage/storage.ts';
import { embedded } from '../../testkit/operator/storages.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { Clock } from '../../shared/clock.ts';
import { SeededRandom } from '../../shared/random.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { loadSampleCatalog } from '../catalog.ts';
import { MemoryServer } from './memory-network.ts';
import type { MemberCodePurpose } from '../../shared/model/member.ts';

export type { OperatorCharge } from '../../shared/api/development-routes.ts';
/** How the operator's API misbehaves. */
export type OrderedFault = DevelopmentBody<'faults'>;
export type OperatorAlarm = DevelopmentReply<'alarms'>[number];

/** Two members who buy hundreds of times a day, with nobody there who decides about what is held. */
const endlessDays = { unpaidMaxMinor: 1e9, memberDayMaxMinor: 1e9, cabinetDayMaxMinor: 1e9 };

/** Nobody's (RFC 2606). */
const payOrigin = 'https://operator.example';

/** By chance, but of this seed: a code stands in the record of a visit that was opened offline. */
function codeKeysOf(seed: number): MemberCodeKeys {
  const privateKey = privateKeyOf(new SeededRandom(seed).bytes(32));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** The real operator service in this process, without sockets, with what its development API knows and can do. */
export class SharedOperator {
  readonly clock: Clock;
  /** Its API, for the network of a cabinet. */
  readonly server: MemoryServer;
  readonly #operator: Operator;
  readonly #store: TestStorage;
  #cabinetCount = 0;

  private constructor(clock: Clock, operator: Operator, store: TestStorage) {
    this.clock = clock;
    this.#operator = operator;
    this.#store = store;
    this.server = new MemoryServer(operator.api);
  }

  /** Counted here, as the seed of a cabinet goes by it: whatever ran before in this process changes no test. */
  nextCabinetNumber(): number {
    return ++this.#cabinetCount;
  }

  /** What it keeps, for tests that look. */
  get storage(): Storage {
    return this.#store.storage;
  }

  /** May take a second: one for a whole test file. `seed` of all its chance. */
  static async start(clock: Clock, seed = 1): Promise<SharedOperator> {
    const store = await embedded.open();
    const { db } = store.storage;
    const operator = compose({
      answerKeys: simulatedKeys(),
      db,
      clock,
      random: new SeededRandom(seed),
      logger: silentLogger,
      catalog: unwrap(serveCatalog(loadSampleCatalog(), 'sample')),
      memberCodeKeys: codeKeysOf(seed),
      policy: { ...defaultPolicy, ...endlessDays },
      development,
    });
    await seedMembers(db);
    // Whoever is in debt is so by these limits, too.
    await db
      .update(member)
      .set({ owedElsewhereMinor: endlessDays.unpaidMaxMinor })
      .where(gt(member.owedElsewhereMinor, 0));
    operator.fakeProvider.takePaymentsAt(`${payOrigin}${payPath}`);
    const shared = new SharedOperator(clock, operator, store);
    operator.start();
    return shared;
  }

  /** Each event of each charge, oldest first, a line each. */
  async eventLog(): Promise<string[]> {
    const rows = await this.storage.db.select().from(chargeEvent).orderBy(asc(chargeEvent.id));
    return rows.map((row) => JSON.stringify(row));
  }
  async close(): Promise<void> {
    await this.#operator.stop();
    await this.#store.close();
  }

  async enrolToken(cabinetId: string): Promise<string> {
    return (await this.#call('enrolToken', { cabinetId })).token;
  }
  /** As the member's phone shows it; a negative life makes one that has expired. */
  async memberCode(
    memberId: string,
    expiresInS?: number,
    purpose: MemberCodePurpose = 'visit',
  ): Promise<string> {
    const body = { memberId, purpose, ...(expiresInS === undefined ? {} : { expiresInS }) };
    return (await this.#call('memberCode', body)).code;
  }
  /** What the member's app sends after it has scanned the cabinet's QR. */
  qrSignIn(memberId: string, text: string): Promise<DevelopmentReply<'qrSignIn'>> {
    return this.#call('qrSignIn', { memberId, text });
  }
  async fault(fault: DevelopmentBody<'faults'>): Promise<void> {
    await this.#call('faults', fault);
  }
  async provider(settings: DevelopmentBody<'provider'>): Promise<void> {
    await this.#call('provider', settings);
  }
  /** What a member's phone does with the QR of an unpaid purchase; true: paid. */
  async pay(payUrl: string): Promise<boolean> {
    const chargeId = new URL(payUrl).pathname.slice(payPath.length);
    return (await this.#call('pay', undefined, { chargeId })).paid;
  }
  chargesOf(cabinetId: string): Promise<OperatorCharge[]> {
    return this.#call('charges', undefined, { cabinetId });
  }
  async alarmsOf(cabinetId: string): Promise<OperatorAlarm[]> {
    return (await this.#call('alarms', undefined)).filter((a) => a.cabinetId === cabinetId);
  }

  #call<N extends DevelopmentRouteName>(
    name: N,
    body: DevelopmentBody<N>,
    params?: Readonly<Record<string, string>>,
  ): Promise<DevelopmentReply<N>> {
    const send: DevelopmentSender = async ({ method, path, body: payload }) => {
      const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
      const request = { method, url: path, headers, ...(payload === undefined ? {} : { payload }) };
      const response = await this.#operator.developmentApi?.inject(request);
      if (response?.statusCode !== 200)
        throw new Error(`${path}: ${String(response?.statusCode)} ${response?.body ?? ''}`);
      return response.json();
    };
    return callDevelopment(send, name, body, params);
  }
}

/** PKCS #8 of an Ed25519 key but for its 32 bytes (RFC 8410, 7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Always the same: two runs of one seed give the same log. It protects nothing but a simulation. */
function simulatedKeys(): AnswerKeys {
  const privateKey = privateKeyOf(Buffer.alloc(32, 'simulated'));
  return { privateKey, publicKey: rawPublicKey(privateKey), next: null, revoked: [] };
}

function privateKeyOf(bytes: Uint8Array): KeyObject {
  const key = Buffer.concat([pkcs8Head, bytes]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
