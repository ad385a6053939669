/*
 * Guard: services/runtime/registry.ts
 * - compatibility: 'BACKWARD_TRANSITIVE', updateConfig
 * + compatibility: 'NONE', updateConfig
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { webinars } from '../../../topology/topics.ts'
import { changedCopy } from '../changed-copy.ts'
import { openSharedSystem } from '../contact-services.ts'
import { runProgram } from '../program.ts'
import { scenario } from '../scenario.ts'

/** A developer renames a required field, without an alias. */
const RENAMED = { file: 'schemas/webinar.avsc', from: '"name": "kind"', to: '"name": "what"' }

scenario(
  {
    id: '24',
    sentence:
      'a schema that cannot read what was written is refused at a release, at registration and at the start, by its subject',
    faults: 'a new version of the program whose schema lost a field that it needs',
  },
  async context => {
    const { settings, registryUrl } = await openSharedSystem(context)
    const subject = `${settings['TOPIC_PREFIX']}${webinars.name}-value`
    const inRegistry = async (path: string): Promise<unknown> => (await fetch(`${registryUrl}${path}`)).json()
    const versions = await inRegistry(`/subjects/${subject}/versions`)
    const changed = changedCopy(context, RENAMED)

    const release = spawnSync(process.execPath, ['schemas/release.ts'], { cwd: changed, encoding: 'utf8' })
    assert.equal(release.status, 1)
    assert.match(release.stderr, /^webinar: what: the field is new and has no default$/m)

    const [apply, start] = await Promise.all([
      runProgram(context, ['topology', 'apply'], settings, changed),
      runProgram(context, ['start', 'ingest'], settings, changed),
    ])
    assert.equal(apply.code, 1, apply.stderr)
    assert.match(apply.stderr, new RegExp(`^SCHEMA_INCOMPATIBLE: .*${subject}`, 'm'))
    assert.equal(start.code, 1, start.stderr)
    assert.match(start.stderr, new RegExp(`^SCHEMAS_NOT_REGISTERED: .*${subject}`, 'm'))

    assert.deepEqual(await inRegistry(`/subjects/${subject}/versions`), versions)
    assert.deepEqual(await inRegistry(`/config/${subject}`), { compatibilityLevel: 'BACKWARD_TRANSITIVE' })
    return { events: 3, lost: 0, duplicated: 0 }
  },
)
