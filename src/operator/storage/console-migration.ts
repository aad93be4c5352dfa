/**
 * What the support console looks things up by. Numbers of charges sort by the time of their visit, so that an index which ends
 * with them gives the newest first, whatever is looked for.
 */
export const consoleIndexes = {
  version: 52,
  name: 'console_indexes',
  statements: [
    `create index charge_waits on charge (first_at_ms, charge_id)
       where state = 'needs_attention' or contested_minor > 0 or review`,
    `create index charge_of_cabinet on charge (cabinet_id, charge_id)`,
    `create index charge_of_member on charge (member_id, charge_id)`,
    `create index charge_of_total on charge (total_minor, charge_id)`,
    `create index charge_of_state on charge (state, charge_id) where state <> 'paid'`,
    `create index charge_short on charge (right(charge_id, 8))`,
    `create index charge_line_sku on charge_line (sku, charge_id)`,
    `create index member_phone on member (phone_last_digits)`,
    `create index incident_charge on incident (charge_id) where charge_id is not null`,
    `create index incident_waits on incident (at_ms, id) where resolved_at_ms is null`,
    `create index alarm_visit on alarm (visit_id) where visit_id is not null`,
    `create index difference_of_order on difference (order_id)`,
    `create index difference_waits on difference (found_at_ms, id) where state = 'open'`,
  ],
} as const;
