import { z } from 'zod';
import { type LogLine, logFieldValueSchema, logLineSchema } from './support-schema.ts';

/**
 * Of which events which fields go into a support bundle; of all others the event alone. Only what is a closed word or a number by
 * its type stands here: no message, no id of a person, a visit or a charge, no text from outside.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'app.start': ['version', 'electron'],
  'app.end': ['reason'],
  'app.out_of_service': ['reason'],
  'app.restarts': ['waitMs'],
  'app.in_service_at_last': ['failureCount'],
  'availability.changed': ['kind', 'reason'],
  alarm: ['kind'],
  'alarm.not_sent': ['kind', 'error'],
  'visit.state': ['from', 'to', 'on'],
  'visit.unhandled': ['type', 'state'],
  'visit.commit_failed': ['on'],
  'visit.queue_full': ['dropped'],
  'unlock.failed': ['errorCode'],
  'job.deferred': ['job', 'activity'],
  'restart.requested': ['activity'],
  'host.gone': ['errorCode'],
  'shelf.goods_vanished': ['count'],
  'shelf.scale_at_odds': ['lane'],
  'face.ended': ['why'],
  'face.enrol_ended': ['why'],
  'face.camera_trouble': ['why'],
  'page.gone': ['why'],
  'page.hangs': ['silentMs'],
  'face_view.gone': ['why'],
  'goods_view.gone': ['why'],
  'offline.refused': ['reason'],
  'operator.answer_unproven': ['why'],
  'update.health': ['phase'],
  'update.installed': ['version', 'slot'],
  'update.switch': ['version', 'slot'],
  'update.not_installed': ['version', 'kind'],
  'vault.expired': ['count'],
};

const lineSchema = z.object({
  time: z.unknown(),
  level: z.unknown(),
  event: z.unknown(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
const errorSchema = z.object({
  name: z.string().optional(),
  errorCode: z.string().optional(),
  message: z.string().optional(),
  stack: z.string().optional(),
});
/** `storage.io`, `ENOSPC`: as `redact` lets them into the log. */
const codeForm = /^(?:[a-z]+(?:_[a-z]+)*(?:\.[a-z_]+)?|[A-Z]+(?:_[A-Z]+)*)$/;
const frameForm = /^ {4}at (?:(?:async )?([\w.#<>]+) \()?(?:[^\s()]*[/\\])?([\w.-]+\.[cm]?[jt]sx?):(\d+)/;

/** What of a line of the log may leave the cabinet; null: it is not in the form of one. */
export function allowedLine(text: string): LogLine | null {
  const line = lineSchema.safeParse(jsonOf(text));
  if (!line.success) return null;
  const { time, level, event, fields = {} } = line.data;
  const error = errorSchema.safeParse(fields['error']).data ?? {};
  const kept = Object.fromEntries(
    (typeof event === 'string' ? (allowed[event] ?? []) : [])
      .map((name) => [name, logFieldValueSchema.safeParse(fields[name])] as const)
      .flatMap(([name, value]) => (value.success ? [[name, value.data] as const] : [])),
  );
  const code = error.errorCode;
  if (code !== undefined && codeForm.test(code)) kept['errorCode'] = code.toLowerCase();
  const at = framesOf(error);
  const said = {
    ...{ part: 'log', time, level, event },
    ...(Object.keys(kept).length === 0 ? {} : { fields: kept }),
    ...(at.length === 0 ? {} : { at }),
  };
  return logLineSchema.safeParse(said).data ?? null;
}

/** Where it happened. The message stands in front of the stack, and may say anything: without it nothing is read. */
function framesOf({ name, message, stack }: z.infer<typeof errorSchema>): string[] {
  const front = `${name ?? ''}: ${message ?? ''}\n`;
  if (stack === undefined || message === undefined || !stack.startsWith(front)) return [];
  const lines = stack.slice(front.length).split('\n');
  return lines.slice(0, 8).flatMap((line) => {
    const [, fn = '', file, row] = frameForm.exec(line) ?? [];
    return file === undefined ? [] : [`${fn} ${file}:${row}`.trim().slice(0, 120)];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
