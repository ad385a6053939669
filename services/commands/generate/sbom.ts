import { readFileSync } from 'node:fs'
import { imageComponents, mavenComponents } from './sbom-platform.ts'

/** A component as CycloneDX 1.5 writes it, as far as it is used here. */
export interface Component {
  readonly 'bom-ref': string
  readonly type: 'application' | 'library' | 'container'
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly scope?: 'required' | 'optional'
  readonly purl: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly object[]
}

/** What an entry of package-lock.json (version 3) says; its key is the path it is installed at. */
interface LockedPackage {
  readonly name?: string
  readonly version: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: true
  readonly optional?: true
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const LINE_WIDTH = 120

/**
 * `sbom.cdx.json`: the software bill of materials of what runs in production, in CycloneDX 1.5. The npm packages are those of package-lock.json
 * that are installed without the ones for development (`npm sbom --omit dev` leaves out those that development needs too); Kafka and the registry those of the embedded platform and of docker-compose.yml. Without times and random ids,
 * so that it changes only when a component does.
 */
export const generateSbom = (): string => {
  const { packages } = JSON.parse(contentOf('package-lock.json')) as { packages: Record<string, LockedPackage> }
  const shipped = new Map(Object.entries(packages).filter(([, { dev }]) => !dev))
  const root = componentOf('', shipped.get(''))
  const npm = npmComponents(shipped)
  const platform = [
    ...mavenComponents(contentOf('services/platform/pom.xml')),
    ...imageComponents(contentOf('docker-compose.yml'), contentOf('Dockerfile')),
  ]
  return formatted({
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { lifecycles: [{ phase: 'pre-build' }], component: root },
    components: [...npm, ...platform],
    dependencies: [...dependenciesOf(shipped), ...platform.map(one => ({ ref: one['bom-ref'] }))],
    // Of the platform what is named here brings libraries of its own.
    compositions: [
      { aggregate: 'complete', dependencies: npm.map(one => one['bom-ref']) },
      { aggregate: 'incomplete', dependencies: platform.map(one => one['bom-ref']) },
    ],
  })
}

const contentOf = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** Each package and version once, wherever and however often it is installed. */
const npmComponents = (shipped: ReadonlyMap<string, LockedPackage>): readonly Component[] => {
  const byRef = new Map<string, Component>()
  for (const [path, locked] of shipped) {
    if (path === '') continue
    const component = componentOf(path, locked)
    if (byRef.get(component['bom-ref'])?.scope !== 'required') byRef.set(component['bom-ref'], component)
  }
  return [...byRef.values()].toSorted(byReference)
}

const byReference = (a: { readonly 'bom-ref': string }, b: { readonly 'bom-ref': string }): number =>
  a['bom-ref'] < b['bom-ref'] ? -1 : 1

const componentOf = (path: string, locked: LockedPackage = { version: '' }): Component => {
  const { version, license, integrity, optional } = locked
  const [group, name] = splitName(nameOf(path, locked))
  const purl = purlOf(path, locked)
  return {
    'bom-ref': purl,
    type: path === '' ? 'application' : 'library',
    ...(group === undefined ? {} : { group }),
    ...{ name, version, ...(path === '' ? {} : { scope: optional ? ('optional' as const) : ('required' as const) }) },
    purl,
    ...(integrity === undefined ? {} : { hashes: hashesOf(integrity) }),
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
  }
}

/** An alias is installed under another name than its own. */
const nameOf = (path: string, { name }: LockedPackage): string => name ?? path.replace(/^.*node_modules\//, '')

const splitName = (name: string): readonly [group: string | undefined, name: string] => {
  const [scope = '', bare] = name.split('/')
  return bare === undefined ? [undefined, scope] : [scope, bare]
}

const purlOf = (path: string, locked: LockedPackage): string =>
  `pkg:npm/${nameOf(path, locked).replace('@', '%40')}@${locked.version.replace('+', '%2B')}`

/** From the form of the lock file, `sha512-<base64>`. */
const hashesOf = (integrity: string): readonly { readonly alg: string; readonly content: string }[] =>
  integrity.split(' ').map(hash => {
    const [algorithm = '', base64 = ''] = hash.split(/-(.*)/s)
    return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(base64, 'base64').toString('hex') }
  })

const licenseOf = (license: string): object =>
  /^[\w.-]+$/.test(license) ? { license: { id: license } } : { expression: license.replace(/^\((.*)\)$/, '$1') }

/** What each package uses, as Node finds it: in the folders from its own up to the root. */
const dependenciesOf = (shipped: ReadonlyMap<string, LockedPackage>): readonly object[] => {
  const uses = new Map<string, Set<string>>()
  for (const [path, locked] of shipped) {
    const ref = purlOf(path, locked)
    const found = uses.get(ref) ?? new Set()
    uses.set(ref, found)
    const { dependencies, optionalDependencies, peerDependencies } = locked
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const place = placeOf(name, path, shipped)
      if (place) found.add(purlOf(...place))
    }
  }
  return [...uses]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([ref, found]) => ({ ref, ...(found.size === 0 ? {} : { dependsOn: [...found].toSorted() }) }))
}

const placeOf = (
  name: string,
  from: string,
  shipped: ReadonlyMap<string, LockedPackage>,
): [path: string, locked: LockedPackage] | undefined => {
  const path = `${from}${from === '' ? '' : '/'}node_modules/${name}`
  const locked = shipped.get(path)
  if (locked) return [path, locked]
  return from === '' ? undefined : placeOf(name, from.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, ''), shipped)
}

/** As `biome format` lays it out: a list of texts on one line where it fits. */
const formatted = (document: object): string =>
  `${JSON.stringify(document, null, 2)}\n`.replace(
    /^(.*)\[\n((?: +"[^"\n]*",?\n)+) *\](,?)$/gm,
    (whole, before: string, items: string, comma: string) => {
      const line = `${before}[${items.trim().split(/,\n +/).join(', ')}]${comma}`
      return line.length <= LINE_WIDTH ? line : whole
    },
  )
