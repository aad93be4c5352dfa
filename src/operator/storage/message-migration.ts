/** What people who work here write to members (members/messages.ts). */
export const messages = {
  version: 58,
  name: 'messages',
  statements: [
    `create table member_message (
       message_id bigserial primary key,
       member_id text not null references member,
       template text not null check (template in
         ('free', 'looked_at', 'charged_by_hand', 'money_back', 'account_needed', 'sorry')),
       body text not null check (length(body) <= 500),
       charge_id text references charge,
       actor text not null,
       made_at_ms bigint not null,
       read_at_ms bigint,
       ends_at_ms bigint not null,
       check (template <> 'free' or body <> '')
     )`,
    `create index member_message_member on member_message (member_id, message_id)`,
    `create index member_message_charge on member_message (charge_id) where charge_id is not null`,
    `create index member_message_ends on member_message (ends_at_ms)`,
  ],
} as const;

/** Which visit a message is about, where there was no charge of it when it was written. */
export const messagesOfVisits = {
  version: 78,
  name: 'messages_of_visits',
  statements: [
    `alter table member_message add column cabinet_id text, add column visit_id text,
       add check ((cabinet_id is null) = (visit_id is null))`,
    `create index member_message_visit on member_message (visit_id) where visit_id is not null`,
  ],
} as const;
