import type { ServiceOrder } from '../../shared/model/service-order.schema.ts';
import type { SupportDesk } from '../support/support-desk.ts';
import type { Outcome } from './outcome.ts';

type OrderOf<A extends ServiceOrder['act']> = Extract<ServiceOrder, { act: A }>;
type Orders = { readonly [A in ServiceOrder['act']]: (order: OrderOf<A>) => Promise<Outcome> };

export interface StaffOrdersOptions {
  readonly support: Pick<SupportDesk, 'deliver'>;
}

/** What technicians and administrators order of the cabinet; judged and put on record by whoever calls. */
export class StaffOrders {
  readonly #orders: Orders;

  constructor({ support }: StaffOrdersOptions) {
    this.#orders = {
      supportBundle: async ({ to }) => {
        const delivered = await support.deliver(to);
        if (!delivered.ok) return { outcome: 'failed', detail: delivered.error.code };
        return { outcome: 'done', detail: delivered.value };
      },
    };
  }

  perform<A extends ServiceOrder['act']>(order: OrderOf<A>): Promise<Outcome> {
    return this.#orders[order.act](order);
  }
}
