import { describe, expect, it } from 'vitest';
import { alipay } from './provider-shim.ts';
import { verifyNotify, verifyResponse } from './alipay/signing.ts';
import { canonicalRequest, certificateSerial, decryptResource } from './wechat/signing.ts';

/**
 * What the providers' own libraries are tested with: values that neither we nor our test servers have made. Sources:
 * github.com/TheNorthMemory/wechatpay-axios-plugin (tests/lib/aes.test.js), github.com/wechatpay-apiv3/wechatpay-go
 * (core/auth/verifiers), github.com/alipay/alipay-sdk-nodejs-all (test/alipay.test.ts). Stripe's own are made while they run.
 */

describe('WeChat Pay', () => {
  const key = '0123456789abcdef0123456789abcdef';
  const nonce = '0123456789abcdef';

  it('a resource is what was sealed, also where that is nothing', () => {
    expect(decryptResource(key, nonce, 'world', 'APoZlYpivU3HjbAiB4CvW1rAFr8J')).toBe('hello');
    expect(decryptResource(key, nonce, '', 'GvpmmdtYwexXIPhySs9Tlg==')).toBe('');
    for (const none of ['', 'GvpmmdtYwexXIPhySs9T'])
      expect(() => decryptResource(key, nonce, '', none)).toThrow('shorter than its tag');
  });

  it('a certificate is known by its serial number', () => {
    const pem = `-----BEGIN CERTIFICATE-----
MIIDVzCCAj+gAwIBAgIJAPV2V1YAL913MA0GCSqGSIb3DQEBCwUAMEIxCzAJBgNV
BAYTAlhYMRUwEwYDVQQHDAxEZWZhdWx0IENpdHkxHDAaBgNVBAoME0RlZmF1bHQg
Q29tcGFueSBMdGQwHhcNMjEwNDI3MDg0MDMyWhcNMzEwNDI1MDg0MDMyWjBCMQsw
CQYDVQQGEwJYWDEVMBMGA1UEBwwMRGVmYXVsdCBDaXR5MRwwGgYDVQQKDBNEZWZh
dWx0IENvbXBhbnkgTHRkMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA
2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXag
HQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOm
DeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B83
4uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGf
y8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtk
aSef4FdEEgEXJiw0VAJT8wIDAQABo1AwTjAdBgNVHQ4EFgQUT1c7nd/SUO76HSoZ
umNUJv1R5PwwHwYDVR0jBBgwFoAUT1c7nd/SUO76HSoZumNUJv1R5PwwDAYDVR0T
BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAM+tslqBxYwqL9fdvGG6hfy69sjfX
UhBtBLWYugKKQCOWWLeq5dDWm3i5Cx2Rgiy9uc7RfmJNxQfIKlcoCNP85BjDoG1B
YnVc6znlcrT9uHgseha3987WwZsFAQbcy8TLUYHzVB8gmDgq8O08xdIe0eczatI8
t3Rg8WXO6Gs66JJ4JR+rD01o3FiSOQCRWhn19NSyDydsgPlOR2t9B9L+MkJwlsMG
Krn85TnwL3qcInzRnU8X86faXXJrI0IJi44tECKw8ftngCl6vyNwNNKPDwdkcuuV
8y3iBixO5IuKxEKEp2wGPV/4W1AXO73Z3Gb7z/1oxdgeO0hVqz1hBasTCQ==
-----END CERTIFICATE-----`;
    expect(certificateSerial(pem)).toBe('F5765756002FDD77');
    // As it may stand in a file of another system.
    expect(certificateSerial(pem.replaceAll('\n', '\r\n'))).toBe('F5765756002FDD77');
  });

  it('what is signed keeps every byte, and a request without a body ends with an empty line', () => {
    const parts = ['GET', '/v3/certificates', 1_554_208_460, '593BEC0C930BF1AFEB40B4A08C8FB242'] as const;
    const head = 'GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n';
    expect(canonicalRequest(...parts, '')).toBe(`${head}\n`);
    for (const body of ['\r\n', '{"a":"货\\u8d27"}\n', '\ufeff{}', '𝒳'])
      expect(canonicalRequest(...parts, body)).toBe(`${head}${body}\n`);
  });
});

describe('Alipay', () => {
  const tradeKey =
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPHR5knm2jnnz/YGIXI' +
    'ofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdP' +
    'kO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqHWkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/Fd' +
    'cWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXfZHraG5NCF1+XioL5JwIDAQAB';
  /** Signed without `sign_type`, as notices about trades are. */
  const trade = {
    gmt_create: '2019-08-15 15:56:22',
    charset: 'utf-8',
    seller_email: 'z97-yuquerevenue@service.aliyun.com',
    subject: '语雀空间 500人规模',
    sign:
      'QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0LEWdK2S6Ri7nPwrVgO' +
      's08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul4TG+Q3fm3svmSvFEy0WnzuhcyHPX5Gm4E' +
      'LNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+WhxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0' +
      'YjCh4x7wVSov+lrmOQ==',
    buyer_id: '2088102534368455',
    invoice_amount: '0.10',
    notify_id: '2019081500222155624068450559358070',
    fund_bill_list: '[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]',
    notify_type: 'trade_status_sync',
    trade_status: 'TRADE_SUCCESS',
    receipt_amount: '0.10',
    buyer_pay_amount: '0.10',
    sign_type: 'RSA2',
    app_id: '2019073166072302',
    seller_id: '2088531891668739',
    gmt_payment: '2019-08-15 15:56:24',
    notify_time: '2019-08-15 15:56:25',
    version: '1.0',
    out_trade_no: '20190815155618536-564-57',
    total_amount: '0.10',
    trade_no: '2019081522001468450512505578',
    auth_app_id: '2019073166072302',
    buyer_logon_id: 'xud***@126.com',
    point_amount: '0.00',
  };

  it('a notice about a trade is proven, as parameters and as the form of any kind that says the same', () => {
    const withoutType = Object.fromEntries(Object.entries(trade).filter(([key]) => key !== 'sign_type'));
    for (const notice of [trade, withoutType])
      expect(verifyNotify(notice, [tradeKey])).toEqual({ ok: true, params: notice });
    const plus = new URLSearchParams(trade).toString();
    expect(plus).toContain('%2F');
    expect(plus).toContain('+');
    const percent = plus.replaceAll('+', '%20');
    const reversed = plus.split('&').reverse().join('&');
    for (const form of [plus, percent, reversed])
      expect(verifyNotify(form, [tradeKey])).toEqual({ ok: true, params: trade });
    // A plus that is one has to come as %2B: else it is a blank, and the signature is another.
    expect(verifyNotify(plus.replaceAll('%2B', '+'), [tradeKey])).toMatchObject({ refusal: 'signature' });
    expect(verifyNotify(`${plus}&subject=x`, [tradeKey])).toMatchObject({ refusal: 'shape' });
    expect(verifyNotify({ ...trade, subject: '语雀空间 501人规模' }, [tradeKey])).toMatchObject({
      refusal: 'signature',
    });
  });

  it('as it stands in the tests of their library, with a list that nobody has written as text', () => {
    const parsed = { ...trade, fund_bill_list: JSON.parse(trade.fund_bill_list) as unknown };
    expect(alipay.verifyNotify(parsed as never, tradeKey)).toEqual({ ok: true, params: trade });
  });

  it('an answer is proven by its own text', () => {
    const key =
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk7LzhmMa2c4qQd4fqAqenfbuFoA7stPKvoS1LrZEsVnOOGUUjwoa1oU9xsSPjcOW' +
      'hIerU/VAN4J95GIAXx59ipcleIyfLn2FhHXPgLJpvo+b2jJFyn/1/DbeJDh+0yDVAOf50Z7HhI0mdUhFMkXlT7BU0ZMtJf/TmISFEfhDU/w6' +
      'qFd6D42L97byAkq0K6LroglSVF24GqJEa7hSeUIkZWj7RasykXrc2uVJ1+ejkXE0LyPxa2AHykMGbJLf5SiZvaNzUZgnKIR36mLOHpQ/2JCX' +
      'xhXZYUWHzy0kMH54JcUEeksFWBYLGvLjV1phbcUIc3Q76tIuqApY6E222OoZZQIDAQAB';
    const content = '{"code":"10000","msg":"Success","file_id":"CAxAToWB1JsAAAAAAAAAAAAADgSLAQBr"}';
    const sign =
      'F+LDzpTNiavn7xVZPGuPCSSVRSmWzJGgtuji6tVELGEaqMaNj0jRKXUEr5nloZJBBmwEnddOyCjjepMmrTKTvoOqQ0Efxpr/R1iEeHTHVbb/' +
      'Q8TTh6Up5gHJDkILdaWS2q1cWeQ6VT+HQY9P3WRXS7uhILHuDODIhpAyCu5KhWGt0rMCIG+Im6NODJP2oohtSCtmTFXg58HH587Z2y2bdbjz' +
      'OxLvzD9IrU1imghXQ2S/Q+wMIvRk9on6cWnBLkrNvJKapA2ReNGWOwyuASvB9zDVzhMPbR+3mfRGkVDxsq5HYLjBKGskJMXHw0HuugZij6Sc' +
      'RuaLPODhmHwr/pJ9yw==';
    const text = `{"alipay_open_file_upload_response":${content},"sign":"${sign}"}`;
    expect(verifyResponse(text, 'alipay.open.file.upload', [key])).toEqual({ ok: true, content });
    const altered = text.replace('"code":"10000"', '"code": "10000"');
    expect(verifyResponse(altered, 'alipay.open.file.upload', [key])).toMatchObject({ refusal: 'signature' });
  });
});
