import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { startSandboxes } from '../../services/commands/start/sandboxes.ts'
import { wantedServices } from '../../services/commands/start/services.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'

const folder = (context: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), 'sandboxes-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

const configOf = (context: TestContext, variables: Record<string, string>) =>
  loadConfig({ TRIBUTARY_DATA: folder(context), SANDBOX_PORT_BASE: '0', ...variables }, () => '')

describe('the emulated vendors of a process', () => {
  it('are those that are wanted and not looked for elsewhere', async context => {
    const elsewhere = { SALESFORCE_LOGIN_URL: 'http://127.0.0.1:9' }
    for (const [variables, names, running] of [
      [{}, [], ['HubSpot', 'Salesforce', 'Zoom']],
      [elsewhere, [], ['HubSpot', 'Zoom']],
      [{}, ['sandbox-salesforce'], ['Salesforce']],
    ] as const) {
      const sandboxes = await startSandboxes(configOf(context, variables), wantedServices(names))
      await sandboxes.close()
      assert.deepEqual(Object.keys(sandboxes.pages), running)
    }
  })

  it('end again when a later one has no port', async context => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    context.after(() => blocker.close())
    const taken = (blocker.address() as AddressInfo).port
    const config = configOf(context, { SANDBOX_PORT_BASE: String(taken - 1) })
    await assert.rejects(startSandboxes(config, wantedServices([])), { code: 'PORT_IN_USE' })
    await assert.rejects(fetch(`http://127.0.0.1:${taken - 1}/_sandbox/state`))
  })
})
