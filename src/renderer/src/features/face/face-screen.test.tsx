import { describe, expect, it } from 'vitest';
import { challenges } from '../../../../shared/model/face-view.ts';
import { enrolEndSchema, faceEndSchema } from '../../../../shared/model/face-view.schema.ts';
import { frameProblems } from '../../../../shared/model/face.ts';
import type { Language } from '../../../../shared/i18n/language.ts';
import { draw, drawView, textOf } from '../../testing/draw.tsx';
import { type ViewInput, snapshotOf } from '../../testing/snapshots.ts';

const countdown = { durationMs: 30_000, elapsedMs: 2_000 };
type FaceInput = Extract<ViewInput, { screen: 'face' }>['face'];
type AccountInput = Extract<ViewInput, { screen: 'account' }>['account'];
const face = (of: FaceInput, purpose: 'visit' | 'account' = 'visit'): ViewInput => ({
  screen: 'face',
  purpose,
  face: of,
  countdown,
});
const account = (of: AccountInput): ViewInput => ({
  screen: 'account',
  by: 'code',
  member: '王*',
  account: of,
  countdown,
});
const accountByFace = (of: AccountInput): ViewInput => ({
  screen: 'account',
  by: 'face',
  member: '',
  account: of,
  countdown,
});
const languages = ['zh', 'en'] as const;
const raw = /(face|account)\.[a-z]|undefined|\{\{|risk|风控/;
const faceEnds = faceEndSchema.options.flatMap((o) => o.options);
const enrolEnds = enrolEndSchema.options.flatMap((o) => o.options);
const isDisabled = (html: string, id: string): boolean =>
  new RegExp(`<button[^>]*data-testid="${id}"[^>]*>`).exec(html)?.[0].includes(' disabled=""') ?? false;

describe('face notice', () => {
  it.each([
    [
      'zh',
      [
        '柜号 A-0217',
        '400-000-0217',
        '认出您',
        '不存照片',
        '90 天',
        '三年',
        '可以不刷脸',
        '未满 14 岁',
        '相机现在关着',
      ],
    ],
    [
      'en',
      [
        'A-0217',
        '400-000-0217',
        'know you',
        'no picture',
        '90 days',
        'three years',
        'without your face',
        'Under 14',
        'The camera is off',
      ],
    ],
  ] as const)('%s: who, why, how, what is kept and for how long, rights, contact', (language, all) => {
    const words = textOf(drawView(face({ phase: 'notice' }), language)).replaceAll('\u2060', '');
    for (const word of all) expect(words).toContain(word);
    expect(words).not.toMatch(raw);
  });
  it('the code is as big a button as the start', () => {
    const html = drawView(face({ phase: 'notice' }));
    const look = (id: string): string | undefined =>
      new RegExp(`<button data-testid="${id}" class="([^"]*)"`).exec(html)?.[1];
    expect(look('action-start-face')).toBeDefined();
    expect(look('action-start-face')).toBe(look('action-choose-code'));
    expect(html).toContain('action-cancel');
  });
});

describe('looking', () => {
  const guides = [
    ...frameProblems,
    ...challenges,
    'starting',
    'hold',
    'look_again',
    'turn_a_little',
  ] as const;
  it.each(guides)('%s: one instruction, and two ways out', (guide) => {
    for (const language of languages) {
      const html = drawView(face({ phase: 'looking', guide, progress: 0.5 }), language);
      expect(textOf(html)).not.toMatch(raw);
      expect(html).toContain('action-cancel');
      expect(html).toContain('action-choose-code');
    }
  });
  it('the picture is drawn until the camera has one', () => {
    const html = drawView(face({ phase: 'looking', guide: 'starting', progress: 0 }));
    expect(html).not.toContain('<video');
    expect(html).toMatch(/aria-label="识别进度 0 %"/);
  });
  it('points to the side to turn to', () => {
    const turn = (guide: 'turn_left' | 'turn_right'): string =>
      drawView(face({ phase: 'looking', guide, progress: 0 }));
    expect(turn('turn_left')).toMatch(/left-0[^>]*><svg[^>]*arrow-left/);
    expect(turn('turn_right')).toMatch(/right-0[^>]*><svg[^>]*arrow-right/);
  });
});

describe('digits', () => {
  it('ten keys and one to take a digit back', () => {
    const html = drawView(face({ phase: 'digits' }));
    for (const key of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'delete']) expect(html).toContain(`key-${key}`);
    expect(html).toContain('aria-label="已输入 0 位，共 4 位"');
  });
});

describe('the look is over', () => {
  it.each(faceEnds)('%s: a plain reason and the code first', (why) => {
    for (const language of languages) {
      const html = drawView(face({ phase: 'ended', why }), language);
      expect(textOf(html)).not.toMatch(raw);
      expect(html).toContain('action-cancel');
      const again = html.indexOf('action-start-face');
      if (again !== -1) expect(html.indexOf('action-choose-code')).toBeLessThan(again);
      expect(html).toContain('action-choose-code');
    }
  });
  it('offers another look only where it can help', () => {
    const again = faceEnds.filter((why) =>
      drawView(face({ phase: 'ended', why })).includes('action-start-face'),
    );
    expect(faceEnds.filter((why) => !again.includes(why)).sort()).toEqual([
      'denied',
      'face_off',
      'missing',
      'rate_limited',
    ]);
  });
});

describe('a face for the account, without a network', () => {
  const drawAway = (of: FaceInput, language: Language = 'zh'): string =>
    draw(snapshotOf(face(of, 'account'), { online: false }), language);
  it.each([
    [
      'zh',
      ['柜号 A-0217', '400-000-0217', '删自己的数据', '门不会开', '不存照片', '90 天', '三年', '可以不刷脸'],
      /扫码开门|开这扇门/,
    ],
    [
      'en',
      ['A-0217', '400-000-0217', 'your own data', 'stays shut', 'no picture', '90 days', 'do without'],
      /open this door|opens the door/,
    ],
  ] as const)('%s: the notice says what for, and promises no door', (language, all, door) => {
    const words = textOf(drawAway({ phase: 'notice' }, language)).replaceAll('\u2060', '');
    for (const word of all) expect(words).toContain(word);
    expect(words).not.toMatch(raw);
    expect(words).not.toMatch(door);
  });
  it.each(faceEnds)(
    '%s: why, that a code needs the network, whom to call, and no code that leads nowhere',
    (why) => {
      const html = drawAway({ phase: 'ended', why });
      for (const words of ['用会员码要有网络', '400-000-0217', '报柜号 A-0217', 'action-cancel'])
        expect(html).toContain(words);
      expect(html).not.toMatch(/action-choose-code|扫码一样能开门/);
      const english = textOf(drawAway({ phase: 'ended', why }, 'en'));
      expect(english).toContain('A code needs the network');
      expect(english).not.toMatch(raw);
    },
  );
  it('offers the code again as soon as there is a network', () => {
    const phases: FaceInput[] = [
      { phase: 'notice' },
      { phase: 'looking', guide: 'hold', progress: 0 },
      { phase: 'digits' },
      { phase: 'ended', why: 'missing' },
    ];
    for (const of of phases) {
      expect(drawAway(of), of.phase).not.toContain('action-choose-code');
      expect(drawAway(of), of.phase).toContain('action-cancel');
      const back = drawView(face(of, 'account'));
      expect(back, of.phase).toContain('action-choose-code');
      expect(back, of.phase).not.toContain('扫码开门');
    }
  });
  it('the way there: from the start, from the code screen and after a question that nobody answered', () => {
    const away = { online: false };
    const attract = draw(snapshotOf({ screen: 'attract' }, away));
    expect(isDisabled(attract, 'action-choose-account')).toBe(false);
    const off = draw(snapshotOf({ screen: 'attract' }, { ...away, faceOff: 'vault' }));
    expect(isDisabled(off, 'action-choose-account')).toBe(true);
    const identifying = (purpose: 'visit' | 'account'): ViewInput => ({
      screen: 'identifying',
      purpose,
      cabinetCode: { state: 'none' },
      countdown,
    });
    const codeScreen = draw(snapshotOf(identifying('account'), away));
    for (const words of ['action-choose-account', '改用刷脸', '现在查不了会员码'])
      expect(codeScreen).toContain(words);
    expect(drawView(identifying('account'))).not.toContain('action-choose-account');
    expect(draw(snapshotOf(identifying('visit'), away))).not.toContain('action-choose-account');
    const refused = (purpose: 'visit' | 'account'): ViewInput => ({
      screen: 'refused',
      purpose,
      reason: 'network.unreachable',
      countdown,
    });
    expect(draw(snapshotOf(refused('account'), away))).toContain('改用刷脸');
    expect(drawView(refused('account'))).toMatch(/action-choose-account[^]*再扫一次/);
    expect(draw(snapshotOf(refused('visit'), away))).not.toContain('action-choose-account');
  });
  it('the menu: the face can be deleted and the record read, and nobody is enrolled', () => {
    const own = { enrolledAtMs: 0, lastUsedAtMs: 1, expiresAtMs: 2, consentVersion: '2026-11-24' };
    for (const language of languages) {
      const html = drawView(accountByFace({ phase: 'menu', face: own, recordCount: 2 }), language);
      for (const id of ['action-withdraw', 'action-records', 'action-cancel']) expect(html).toContain(id);
      expect(textOf(html)).not.toMatch(raw);
      const none = drawView(accountByFace({ phase: 'menu', face: null, recordCount: 3 }), language);
      expect(none).not.toMatch(/action-withdraw|action-enrol/);
      expect(none).toContain(language === 'zh' ? '在有网络时扫码' : 'when there is a network');
      expect(textOf(none)).not.toMatch(raw);
    }
  });
});

describe('the account', () => {
  const own = { enrolledAtMs: 0, lastUsedAtMs: null, expiresAtMs: 1, consentVersion: '2026-11-24' };
  it('a face that is enrolled can be deleted, with its dates', () => {
    const html = drawView(account({ phase: 'menu', face: own, recordCount: 2 }));
    expect(html).toContain('action-withdraw');
    expect(html).not.toContain('action-enrol');
    for (const words of ['登记时间', '还没用过', '2026-11-24', '人脸使用记录（2 条）', '柜门一直关着'])
      expect(html).toContain(words);
  });
  it('none: can be enrolled, unless faces are off here', () => {
    const view = account({ phase: 'menu', face: null, recordCount: 0 });
    expect(drawView(view)).toContain('action-enrol');
    const off = draw(snapshotOf(view, { faceOff: 'vault' }));
    expect(off).not.toContain('action-enrol');
    expect(off).toContain('暂时不能登记');
  });
  it('faces off here: an enrolled one can still be deleted', () => {
    const view = account({ phase: 'menu', face: own, recordCount: 2 });
    expect(draw(snapshotOf(view, { faceOff: 'off' }))).toContain('action-withdraw');
  });
  it('consent: nothing is ticked, agreeing waits for both, refusing does not', () => {
    const html = drawView(account({ phase: 'consent', consentVersion: '2026-11-24' }));
    expect(html.match(/type="checkbox"/g)).toHaveLength(2);
    expect(html).not.toMatch(/checked=""/);
    expect(isDisabled(html, 'action-agree')).toBe(true);
    expect(isDisabled(html, 'action-menu')).toBe(false);
  });
  it.each([
    [
      'zh',
      [
        'A-0217',
        '400-000-0217',
        '开这台柜子的门',
        '账户',
        '不存照片',
        '什么都不离开这台柜子',
        '90 天',
        '随时',
        '步骤一样多',
        '未满 14 岁',
        '2026-11-24',
      ],
    ],
    [
      'en',
      [
        'A-0217',
        '400-000-0217',
        'opens this cabinet',
        'account',
        'No picture',
        'nothing leaves this cabinet',
        '90 days',
        'at any time',
        'in as many steps',
        'under 14',
        '2026-11-24',
      ],
    ],
  ] as const)('consent in %s names everything that has to be named', (language, all) => {
    const html = drawView(account({ phase: 'consent', consentVersion: '2026-11-24' }), language);
    const words = textOf(html).replaceAll('\u2060', '');
    for (const word of all) expect(words).toContain(word);
    expect(words).not.toMatch(raw);
  });
  it('capture: how many looks are done of how many', () => {
    const html = drawView(account({ phase: 'capture', guide: 'hold', takenCount: 2, wantedCount: 5 }));
    expect(html).toContain('aria-label="已看 2 次，共 5 次"');
    expect(html).toContain('action-menu');
  });
  it.each(enrolEnds)('not enrolled, %s: why, and that nothing was kept or what else works', (why) => {
    for (const language of languages) {
      const html = drawView(account({ phase: 'enrol_ended', why }), language);
      expect(textOf(html)).not.toMatch(raw);
      expect(html).toContain('action-menu');
    }
  });
  it.each(['trial', 'enrolled', 'withdraw', 'withdrawn', 'withdraw_failed'] as const)(
    '%s has a way back',
    (phase) => {
      for (const language of languages) {
        const of: AccountInput = phase === 'trial' ? { phase, guide: 'hold' } : { phase };
        const html = drawView(account(of), language);
        expect(textOf(html)).not.toMatch(raw);
        expect(html).toContain('action-menu');
      }
    },
  );
  it('deleting is asked once more, and what did not work is said', () => {
    expect(drawView(account({ phase: 'withdraw' }))).toContain('action-confirm-withdraw');
    const failed = drawView(account({ phase: 'withdraw_failed' }));
    expect(failed).toContain('还在');
    expect(failed).toContain('action-confirm-withdraw');
  });
  it('records: every kind has words, and the whole can be taken away', () => {
    const kinds = ['consented', 'enrolled', 'used', 'improved', 'withdrawn', 'expired', 'exported'] as const;
    const records = kinds.map((kind) => ({ kind, atMs: 0, consentVersion: null }));
    for (const language of languages) {
      const count = kinds.length;
      const html = drawView(
        account({ phase: 'records', records, count, text: 'the record', textCount: count }),
        language,
      );
      expect(textOf(html)).toMatch(/对您的人脸数据做过什么，都在这里|All that was done with your face data/);
      expect(textOf(html)).not.toMatch(raw);
      expect(html.match(/data-testid="record-/g)).toHaveLength(kinds.length);
      expect(html).toMatch(/role="img" aria-label="(全部人脸使用记录的二维码|QR code of the whole record)"/);
    }
  });
  it('a part of the record is not called all of it, in the list and in the QR', () => {
    const records = [{ kind: 'used' as const, atMs: 0, consentVersion: null }];
    const at = (count: number, textCount: number, language: 'zh' | 'en'): string =>
      drawView(account({ phase: 'records', records, count, text: 'x', textCount }), language);
    const all = /都在这里|All that was done/;
    const takesAll = /带走全部|take it all|全部人脸使用记录的二维码|QR code of the whole record/;
    for (const language of languages) {
      const qrIsPart = at(1, 0, language);
      expect(qrIsPart).toMatch(all);
      const bothAreParts = at(60, 45, language);
      expect(bothAreParts).not.toMatch(all);
      expect(textOf(bothAreParts)).toMatch(/一共 60 条记录，这里是最近的 1 条|The newest 1 of 60 entries/);
      for (const html of [qrIsPart, bothAreParts]) {
        expect(html).not.toMatch(takesAll);
        expect(html).toContain('role="img"');
        expect(textOf(html)).toMatch(/要全部记录，请打客服|For the whole record please call/);
        expect(textOf(html)).not.toMatch(raw);
      }
      expect(textOf(bothAreParts)).toMatch(/最近的 45 条（共 60 条）|the newest 45 of 60/);
    }
  });
});
