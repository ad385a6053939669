import type { Component } from './sbom.ts'

/** What pom.xml names: Kafka, the registry (an archive that runs by itself) and what they need beside them. */
export const mavenComponents = (pom: string): readonly Component[] => {
  const dependencies = pom
    .replace(/<!--.*?-->|<exclusions>.*?<\/exclusions>/gs, '')
    .matchAll(/<dependency>(.*?)<\/dependency>/gs)
  return [...dependencies].map(([, dependency = '']) => {
    const [group, name, version] = ['groupId', 'artifactId', 'version'].map(tag => textOf(dependency, tag) ?? '')
    const qualifiers = ['classifier', 'type'].flatMap(tag => {
      const value = textOf(dependency, tag)
      return value === undefined ? [] : [`${tag}=${value}`]
    })
    const purl = `pkg:maven/${group}/${name}@${version}${qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`}`
    return {
      ...{ 'bom-ref': purl, type: qualifiers.length === 0 ? ('library' as const) : ('application' as const) },
      ...{ group: group ?? '', name: name ?? '', version: version ?? '', purl },
    }
  })
}

const textOf = (xml: string, tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1]

/** The images that docker-compose.yml pulls and that the Dockerfile builds on; ours has no version. */
export const imageComponents = (compose: string, dockerfile: string): readonly Component[] => {
  const images = [...compose.matchAll(/^ +image: (\S+)$/gm), ...dockerfile.matchAll(/^FROM (\S+)$/gm)]
  return images
    .flatMap(([, image = '']) => {
      const [name = '', version] = image.split(':')
      const purl = `pkg:docker/${name}@${version}`
      return version === undefined ? [] : [{ 'bom-ref': purl, type: 'container' as const, name, version, purl }]
    })
    .toSorted((a, b) => (a.purl < b.purl ? -1 : 1))
}
