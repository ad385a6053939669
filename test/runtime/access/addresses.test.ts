import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostnameOf, isFromHere, isLoopback, originFor } from '../../../services/runtime/access/addresses.ts'

describe('what is loopback', () => {
  for (const host of [
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    'localhost',
    'LocalHost.',
    'a.localhost',
  ])
    it(`${host} is`, () => assert.ok(isLoopback(host)))
  for (const host of [
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'localhost.example.com',
    'notlocalhost',
    '127.0.0.1.nip.io',
  ])
    it(`${host || 'nothing'} is not`, () => assert.ok(!isLoopback(host)))
})

it('a Host header is read as a URL is: without its port, an address in its usual form', () => {
  const read = [
    '127.0.0.1:3000',
    '[::1]:80',
    'EXAMPLE.com',
    '2130706433',
    'user@example.com:1',
    '',
    undefined,
    'a b',
    '/',
  ]
  const expected = [
    '127.0.0.1',
    '[::1]',
    'example.com',
    '127.0.0.1',
    'example.com',
    undefined,
    undefined,
    undefined,
    undefined,
  ]
  assert.deepEqual(read.map(hostnameOf), expected)
})

it('what listens everywhere is found at 127.0.0.1, what listens at one address only there', () => {
  assert.equal(originFor('0.0.0.0', 1), 'http://127.0.0.1:1')
  assert.equal(originFor('::', 1), 'http://127.0.0.1:1')
  assert.equal(originFor('10.0.0.1', 1), 'http://10.0.0.1:1')
  assert.equal(originFor('fe80::1', 1), 'http://[fe80::1]:1')
})

describe('a request of this machine', () => {
  const requests = [
    { remote: '127.0.0.1', local: '127.0.0.1', host: '127.0.0.1:9401', here: true },
    { remote: '::ffff:127.0.0.1', local: '::ffff:127.0.0.1', host: 'localhost:9401', here: true },
    { remote: '10.0.0.5', local: '10.0.0.5', host: '10.0.0.5:9401', here: true },
    { remote: '10.0.0.6', local: '10.0.0.5', host: '127.0.0.1:9401', here: false },
    { remote: '127.0.0.1', local: '127.0.0.1', host: 'rebound.example.com:9401', here: false },
    { remote: '127.0.0.1', local: '127.0.0.1', host: undefined, here: false },
  ]
  for (const { remote, local, host, here } of requests)
    it(`from ${remote} to ${local} for ${host}: ${here}`, () =>
      assert.equal(isFromHere({ remoteAddress: remote, localAddress: local }, host), here))
})
