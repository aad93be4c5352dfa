/** What lies in each cabinet by its own word, and where a count has differed. */
export const cabinetStockTables = {
  version: 68,
  name: 'cabinet_stock',
  statements: [
    `create table cabinet_stock (
       cabinet_id text primary key,
       body text not null,
       signed_at_ms bigint not null,
       received_at_ms bigint not null
     )`,
    `create table stock_difference (
       cabinet_id text not null,
       difference_id text not null,
       at_ms bigint not null,
       since_ms bigint not null,
       sku text not null,
       expected integer not null,
       counted integer not null,
       between_ids text not null,
       between_count integer not null,
       received_at_ms bigint not null,
       primary key (cabinet_id, difference_id)
     )`,
    `create index stock_difference_newest on stock_difference (cabinet_id, at_ms desc, difference_id)`,
    `create index stock_difference_received on stock_difference (received_at_ms)`,
  ],
} as const;
