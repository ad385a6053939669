import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Config, loadConfig } from '../../services/runtime/config/config.ts'
import { TributaryError } from '../../services/runtime/errors.ts'

const pemOf = (kind: 'rsa' | 'ed25519'): string => {
  const { privateKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync(kind)
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const key = pemOf('rsa')
const real = {
  ERASURE_SECRET: 'an-erasure-key-of-ours',
  SALESFORCE_CLIENT_ID: '3MVG9real',
  SALESFORCE_USERNAME: 'integration@example.com',
  SALESFORCE_PRIVATE_KEY: key,
}

const load = (variables: Record<string, string>, files: Record<string, string> = {}): Config =>
  loadConfig(variables, path => files[path] ?? '')

const mistakesOf = (variables: Record<string, string>): string[] => {
  try {
    load(variables)
  } catch (error) {
    assert.ok(error instanceof TributaryError)
    return error.message.split('\n- ').slice(1)
  }
  return []
}

describe('the settings of Salesforce', () => {
  it('log in to production unless another place is named', () => {
    assert.equal(load(real).salesforce.loginUrl, 'https://login.salesforce.com')
    const sandboxOrg = { ...real, SALESFORCE_LOGIN_URL: 'https://test.salesforce.com/' }
    assert.equal(load(sandboxOrg).salesforce.loginUrl, 'https://test.salesforce.com')
  })

  it('log in to the sandbox with its own credentials when everything is emulated', () => {
    const { mode, loginUrl, clientId, username, privateKey } = load({}).salesforce
    assert.deepEqual([mode, loginUrl, clientId, username, privateKey], ['sandbox', null, 'sandbox', 'sandbox', null])
  })

  it('take the key from a file, and with line breaks written as two characters', () => {
    const { SALESFORCE_PRIVATE_KEY: _, ...others } = real
    const fromFile = load({ ...others, SALESFORCE_PRIVATE_KEY_FILE: '/key' }, { '/key': key })
    assert.equal(fromFile.salesforce.privateKey?.trim(), key.trim())
    const oneLine = load({ ...real, SALESFORCE_PRIVATE_KEY: key.replaceAll('\n', '\\n') })
    assert.equal(oneLine.salesforce.privateKey?.trim(), key.trim())
  })

  for (const [name, what] of [
    ['SALESFORCE_CLIENT_ID', /consumer key/],
    ['SALESFORCE_USERNAME', /user name/],
    ['SALESFORCE_PRIVATE_KEY', /private key/],
  ] as const) {
    it(`say that ${name} lacks when another one is set`, () => {
      const { [name]: _, ...others } = real
      const found = mistakesOf(others)
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0] ?? '', new RegExp(`^${name} must be set because SALESFORCE_`))
      assert.match(found[0] ?? '', what)
    })
  }

  for (const [what, text] of [
    ['no PEM', 'a-secret-that-is-no-key'],
    ['a key of another kind', pemOf('ed25519')],
    ['half a key', key.slice(0, 400)],
  ] as const) {
    it(`refuse ${what} as the key, once, without showing it`, () => {
      const found = mistakesOf({ ...real, SALESFORCE_PRIVATE_KEY: text })
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0] ?? '', /^SALESFORCE_PRIVATE_KEY must be an RSA private key as PEM/)
      assert.ok(!found[0]?.includes(text.slice(30, 60) || text))
    })
  }
})
