import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentOf, mismatches } from './repository.ts'

interface Sbom {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } }
  readonly components: readonly {
    readonly 'bom-ref': string
    readonly purl: string
    readonly scope?: string
    readonly hashes?: readonly { readonly content: string }[]
  }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

interface Locked {
  readonly name?: string
  readonly version: string
  readonly integrity?: string
  readonly dev?: true
}

const text = contentOf('sbom.cdx.json')
const sbom = JSON.parse(text) as Sbom
const { packages } = JSON.parse(contentOf('package-lock.json')) as { packages: Readonly<Record<string, Locked>> }
const installed = Object.entries(packages).filter(([path]) => path !== '')

const purlsOf = (entries: readonly (readonly [string, Locked])[]): ReadonlySet<string> =>
  new Set(
    entries.map(([path, { name = path.slice(path.lastIndexOf('node_modules/') + 13), version }]) =>
      encodeURI(`pkg:npm/${name.replace(/^@/, '%40')}@${version}`).replace('%2540', '%40'),
    ),
  )

const shipped = purlsOf(installed.filter(([, { dev }]) => !dev))
const listed = sbom.components.map(({ purl }) => purl)

describe('the software bill of materials', () => {
  it('lists what package-lock.json ships, and nothing else of npm', () => {
    const npm = listed.filter(purl => purl.startsWith('pkg:npm/'))
    assert.deepEqual(
      mismatches({ what: 'component', names: npm }, { what: 'package of package-lock.json', names: shipped }),
      [],
    )
    assert.ok(shipped.size > 100 && shipped.size < purlsOf(installed).size)
  })

  it('has the hash that npm checks, in hexadecimal digits', () => {
    const hash = Buffer.from(packages['node_modules/kafkajs']?.integrity?.replace('sha512-', '') ?? '', 'base64')
    const kafkajs = sbom.components.find(({ purl }) => purl.startsWith('pkg:npm/kafkajs@'))
    assert.equal(kafkajs?.hashes?.[0]?.content, hash.toString('hex'))
    assert.equal(hash.length, 64)
  })

  it('lists Kafka and the registry, embedded and in containers', () => {
    const versions = [
      ...contentOf('services/platform/pom.xml').matchAll(
        /<artifactId>(kafka_2\.13|apicurio-registry-app)<\/artifactId>\s*<version>([^<]+)/g,
      ),
    ]
    assert.equal(versions.length, 2)
    for (const [, name, version] of versions)
      assert.ok(
        listed.some(purl => purl.startsWith('pkg:maven/') && purl.includes(`/${name}@${version}`)),
        name,
      )
    const images = [...contentOf('docker-compose.yml').matchAll(/image: (\S+):(\S+)/g)]
    assert.equal(images.length, 2)
    for (const [, name, version] of images) assert.ok(listed.includes(`pkg:docker/${name}@${version}`), name)
  })

  it('says what each one uses, in references that exist', () => {
    const references = new Set([
      ...sbom.components.map(one => one['bom-ref']),
      `pkg:npm/tributary@${sbom.metadata.component.version}`,
    ])
    assert.equal(references.size, sbom.components.length + 1)
    const used = sbom.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn])
    assert.deepEqual(
      used.filter(ref => !references.has(ref)),
      [],
    )
    const reached = new Set(sbom.dependencies.flatMap(({ dependsOn = [] }) => dependsOn))
    const unused = [...shipped].filter(purl => !reached.has(purl))
    assert.deepEqual(unused, [], 'nothing uses these')
  })

  it('changes with its components only: no time, no random number, no place to fetch from', () => {
    assert.doesNotMatch(text, /serialNumber|timestamp|externalReferences|"resolved"/)
    assert.deepEqual(text.match(/https?:\/\/[^/"]+/g), ['http://cyclonedx.org'])
  })
})
