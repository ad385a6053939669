import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertion, DATA, movedClock, openOrg, type Reply, type TestOrg } from './salesforce.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const CLIENT = { client_id: 'sandbox', client_secret: 'sandbox' }

const token = (org: TestOrg, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> =>
  org.raw('POST', '/services/oauth2/token', new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })

const seconds = (): number => Math.floor(Date.now() / 1000)

describe('the token endpoint', () => {
  const accepted: { name: string; form: (url: string) => Record<string, string>; headers?: Record<string, string> }[] =
    [
      { name: 'JWT bearer', form: url => ({ grant_type: JWT_BEARER, assertion: assertion(url) }) },
      ...['https://login.salesforce.com', 'https://test.salesforce.com'].map(aud => ({
        name: `JWT bearer for ${aud}`,
        form: (url: string) => ({ grant_type: JWT_BEARER, assertion: assertion(url, { aud }) }),
      })),
      { name: 'client credentials', form: () => ({ grant_type: 'client_credentials', ...CLIENT }) },
      {
        name: 'client credentials in the header',
        form: () => ({ grant_type: 'client_credentials' }),
        headers: { authorization: `Basic ${Buffer.from('sandbox:sandbox').toString('base64')}` },
      },
      {
        name: 'password',
        form: () => ({ grant_type: 'password', ...CLIENT, username: 'a@example.com', password: 'b' }),
      },
    ]
  for (const { name, form, headers } of accepted) {
    it(`gives a session by ${name}`, async context => {
      const org = await openOrg(context)
      const { status, body } = await token(org, form(org.url), headers)
      assert.equal(status, 200)
      assert.equal(body.instance_url, org.url)
      assert.equal(body.token_type, 'Bearer')
      assert.match(body.id, /\/id\/00D\w{15}\/005\w{15}$/)
      assert.equal(body.refresh_token, undefined)
      const answer = await org.raw('GET', `${DATA}/limits`, undefined, { authorization: `Bearer ${body.access_token}` })
      assert.equal(answer.status, 200)
      const user = await org.raw('GET', '/services/oauth2/userinfo', undefined, {
        authorization: `Bearer ${body.access_token}`,
      })
      assert.ok(body.id.endsWith(user.body.user_id))
    })
  }

  const jwt = (claims: object, algorithm?: string) => (url: string) => ({
    grant_type: JWT_BEARER,
    assertion: assertion(url, claims, algorithm),
  })
  const refused: { name: string; form: (url: string) => Record<string, string>; error: string }[] = [
    { name: 'an unknown client', form: jwt({ iss: 'other' }), error: 'invalid_client_id' },
    { name: 'nobody', form: jwt({ sub: '' }), error: 'invalid_grant' },
    { name: 'another audience', form: jwt({ aud: 'https://example.com' }), error: 'invalid_grant' },
    { name: 'an assertion that has expired', form: jwt({ exp: seconds() - 1 }), error: 'invalid_grant' },
    { name: 'an assertion for ten minutes', form: jwt({ exp: seconds() + 600 }), error: 'invalid_grant' },
    { name: 'another algorithm', form: jwt({}, 'HS256'), error: 'invalid_grant' },
    { name: 'no assertion', form: () => ({ grant_type: JWT_BEARER }), error: 'invalid_grant' },
    {
      name: 'a wrong secret',
      form: () => ({ grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'x' }),
      error: 'invalid_client',
    },
    { name: 'no password', form: () => ({ grant_type: 'password', ...CLIENT }), error: 'invalid_grant' },
    { name: 'a refresh', form: () => ({ grant_type: 'refresh_token', ...CLIENT }), error: 'unsupported_grant_type' },
  ]
  for (const { name, form, error } of refused) {
    it(`refuses ${name} with ${error}`, async context => {
      const org = await openOrg(context)
      const { status, body } = await token(org, form(org.url))
      assert.equal(status, 400)
      assert.equal(body.error, error)
    })
  }
})

describe('a session', () => {
  const refused = [
    { authorization: 'Bearer other', errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' },
    { authorization: 'Token sandbox', errorCode: 'INVALID_AUTH_HEADER', message: 'INVALID_HEADER_TYPE' },
  ]
  for (const { authorization, errorCode, message } of refused) {
    it(`${authorization} is refused with ${errorCode}`, async context => {
      const answer = await (await openOrg(context)).call('GET', '/limits', undefined, { authorization })
      assert.equal(answer.status, 401)
      assert.deepEqual(answer.body, [{ message, errorCode }])
    })
  }

  it('ends after its time, the fixed one never', async context => {
    const clock = movedClock(new Date().toISOString())
    const org = await openOrg(context, { clock, sessionMs: 1000 })
    const { body } = await token(org, { grant_type: 'client_credentials', ...CLIENT })
    const authorization = `Bearer ${body.access_token}`
    assert.equal((await org.call('GET', '/limits', undefined, { authorization })).status, 200)
    clock.move(1000)
    assert.equal((await org.call('GET', '/limits', undefined, { authorization })).status, 401)
    assert.equal((await org.call('GET', '/limits')).status, 200)
  })
})

describe('the allowance', () => {
  it('is on every answer, refuses what is too much, and returns after 24 hours', async context => {
    const clock = movedClock('2026-05-01T10:00:00Z')
    const org = await openOrg(context, { clock, dailyCalls: 2 })
    const used = ({ headers }: Reply): string | null => headers.get('sforce-limit-info')
    assert.equal(used(await org.call('GET', '/sobjects/Nothing')), 'api-usage=1/2', 'also on a refusal')
    clock.move(3_600_000)
    assert.equal(used(await org.call('GET', '/limits')), 'api-usage=2/2')
    const refused = await org.call('GET', '/limits')
    assert.equal(refused.status, 403)
    assert.deepEqual(refused.body, [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }])
    clock.move(23 * 3_600_000)
    const again = await org.call('GET', '/limits')
    assert.deepEqual([again.status, used(again)], [200, 'api-usage=2/2'], 'the first call left the window')
    assert.equal((await org.call('GET', '/limits')).status, 403)
  })

  it('versions are listed without a session, and an unknown one is not there', async context => {
    const org = await openOrg(context)
    const versions = await org.raw('GET', '/services/data', undefined, {})
    assert.ok(versions.body.some(({ version }: { version: string }) => version === '60.0'))
    for (const version of ['v12.0', 'v60', 'v999.0'])
      assert.equal((await org.raw('GET', `/services/data/${version}/limits`)).status, 404)
  })
})
