import { cameraRotations } from './camera-rotation.ts';
import { cameraTroubles, challenges } from './face-view.ts';
import { embedderNameSchema, frameProblemSchema } from './face.schema.ts';
import { purchaseActionSchema, purchasesViewSchema } from './purchase.schema.ts';
import { z } from 'zod';

export const challengeSchema = z.enum(challenges);

export const cameraTroubleSchema = z.enum(cameraTroubles);

/**
 * The camera runs exactly while main has an order out; frames count only with the nonce of the current one. Sent to the
 * face view alone: it is in no snapshot.
 */
export const cameraOrderSchema = z.object({
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  purpose: z.enum(['identify', 'enrol']),
  embedder: embedderNameSchema,
  /** `deviceId` or label of the camera in the settings; null: the only one, or the system's first. */
  camera: z.string().nullable(),
  /** How its picture is turned upright; left out: it stands upright. */
  rotation: z.literal(cameraRotations).optional(),
});
export type CameraOrder = z.infer<typeof cameraOrderSchema>;

/** The one instruction on screen. `starting`: no frame yet; `hold`: good, stay like this. */
export const faceGuideSchema = z.union([
  frameProblemSchema,
  challengeSchema,
  z.enum(['starting', 'hold', 'look_again', 'turn_a_little']),
]);
export type FaceGuide = z.infer<typeof faceGuideSchema>;

export const faceEndSchema = z.union([
  z.enum(['not_recognised', 'not_alive', 'challenge_failed', 'digits_wrong', 'time', 'rate_limited']),
  cameraTroubleSchema,
]);
export type FaceEnd = z.infer<typeof faceEndSchema>;

/** The face screen: who stands there? For a visit, or for "my data" while there is no network. */
export const faceViewSchema = z.discriminatedUnion('phase', [
  /** Before the camera: who, why, what is kept, which rights. */
  z.object({ phase: z.literal('notice') }),
  z.object({
    phase: z.literal('looking'),
    guide: faceGuideSchema,
    /** 0 to 1, of the ring. */
    progress: z.number().min(0).max(1),
  }),
  /** Two people alike: the last four digits of the phone. */
  z.object({ phase: z.literal('digits') }),
  /** No dead end: the code, or once more. */
  z.object({ phase: z.literal('ended'), why: faceEndSchema }),
]);
export type FaceView = z.infer<typeof faceViewSchema>;

/** One entry of the processing record: what was done with a member's face data, and nothing of the face itself. */
export const faceRecordSchema = z.object({
  kind: z.enum(['consented', 'enrolled', 'used', 'improved', 'withdrawn', 'expired', 'exported']),
  atMs: z.number().int(),
  /** Version of the text that was agreed to; with `consented`. */
  consentVersion: z.string().nullable(),
});
export type FaceRecord = z.infer<typeof faceRecordSchema>;

/**
 * `full`: as many people as one cabinet may know; `needs_code`: no enrolment code was shown; `offline`, `refused`: the
 * operator could not be asked, or said no.
 */
export const enrolEndSchema = z.union([
  z.enum([
    'needs_code',
    'offline',
    'refused',
    'full',
    'time',
    'already_enrolled',
    'not_one_person',
    'not_alive',
    'trial_failed',
    'failed',
  ]),
  cameraTroubleSchema,
]);
export type EnrolEnd = z.infer<typeof enrolEndSchema>;

/** "My data", as far as it is about the face. */
const faceDataViewSchema = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('menu'),
    /** The member's face on this cabinet; null: none. */
    face: z
      .object({
        enrolledAtMs: z.number().int(),
        lastUsedAtMs: z.number().int().nullable(),
        /** Deleted then, unless it is used before. */
        expiresAtMs: z.number().int(),
        consentVersion: z.string(),
      })
      .nullable(),
    recordCount: z.number().int(),
  }),
  /** Notice, consent of its own and the statement of age: none of them ticked beforehand. */
  z.object({ phase: z.literal('consent'), consentVersion: z.string() }),
  z.object({
    phase: z.literal('capture'),
    guide: faceGuideSchema,
    takenCount: z.number().int(),
    wantedCount: z.number().int(),
  }),
  /** Known now? The same look as at the door. */
  z.object({ phase: z.literal('trial'), guide: faceGuideSchema }),
  z.object({ phase: z.literal('enrolled') }),
  z.object({ phase: z.literal('enrol_ended'), why: enrolEndSchema }),
  /** Really delete? */
  z.object({ phase: z.literal('withdraw') }),
  z.object({ phase: z.literal('withdrawn') }),
  /** The database did not do it; the face is still there. */
  z.object({ phase: z.literal('withdraw_failed') }),
  /** Newest first, of `count` in all; `text`: the newest `textCount` of them for the phone, as a QR. */
  z.object({
    phase: z.literal('records'),
    records: z.array(faceRecordSchema),
    count: z.number().int(),
    text: z.string(),
    textCount: z.number().int(),
  }),
]);
export type FaceDataView = z.infer<typeof faceDataViewSchema>;

/** "My data", after the member has been identified: the door stays shut. */
export const accountViewSchema = z.discriminatedUnion('phase', [
  ...faceDataViewSchema.options,
  ...purchasesViewSchema.options,
]);
export type AccountView = z.infer<typeof accountViewSchema>;

/** What the shopper does on the face screen. */
export const faceActionSchema = z.discriminatedUnion('do', [
  /** "开始刷脸", after the notice; also once more after an end. */
  z.object({ do: z.literal('start') }).strict(),
  z.object({ do: z.literal('digits'), digits: z.string().regex(/^\d{4}$/) }).strict(),
]);
export type FaceAction = z.infer<typeof faceActionSchema>;

/** The member's consent; it comes from the face view alone, by a touch. */
export const consentActionSchema = z
  .object({
    do: z.literal('agree'),
    consentVersion: z.string().max(40),
    /** Both are statements of the member; anything else does not parse. */
    agreed: z.literal(true),
    fourteenOrOlder: z.literal(true),
  })
  .strict();
export type ConsentAction = z.infer<typeof consentActionSchema>;

/** What the member does with the own face, but for the consent. */
const faceDataActionSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('enrol') }).strict(),
  z.object({ do: z.literal('withdraw') }).strict(),
  z.object({ do: z.literal('confirmWithdraw') }).strict(),
  z.object({ do: z.literal('records') }).strict(),
  /** Back to the menu. */
  z.object({ do: z.literal('menu') }).strict(),
]);
export type FaceDataAction = z.infer<typeof faceDataActionSchema> | ConsentAction;

/** What the member does in "my data", on the page. */
export const accountActionSchema = z.discriminatedUnion('do', [
  ...faceDataActionSchema.options,
  ...purchaseActionSchema.options,
]);
export type AccountAction = z.infer<typeof accountActionSchema>;

/**
 * How the camera does, with the order's nonce. `working`: pictures come, and what looks at them is still at it (reading its
 * models, or one picture): a slow machine is not a broken one.
 */
export const cameraStateSchema = z.union([z.enum(['live', 'working']), cameraTroubleSchema]);
export type CameraState = z.infer<typeof cameraStateSchema>;
