import type { PropertyDefinition } from '../properties/predefined.ts'
import { type EventPropertyType, eventProperty } from './event-property.ts'

const DEVICE_TYPES = [
  'Game Console',
  'PDA',
  'Personal Computer',
  'Desktop',
  'Smartphone',
  'Smart TV',
  'Tablet',
  'Wearable Computer',
  'Unknown',
]
const CONTENT_TYPES = [
  'BLOG_POST',
  'KNOWLEDGE_ARTICLE',
  'LANDING_PAGE',
  'LISTING_PAGE',
  'STANDARD_PAGE',
  'WEB_INTERACTIVE',
]

type Row = readonly [name: string, label: string, type?: EventPropertyType, options?: readonly string[]]

/** HubSpot's guide "Define custom events", default event properties. */
const ROWS: readonly Row[] = [
  ['hs_asset_description', 'Asset description'],
  ['hs_asset_type', 'Asset type'],
  ['hs_browser', 'Browser'],
  ['hs_campaign_id', 'Campaign ID'],
  ['hs_city', 'City'],
  ['hs_country', 'Country'],
  ['hs_device_name', 'Device name'],
  ['hs_device_type', 'Device type', 'enumeration', DEVICE_TYPES],
  ['hs_element_class', 'Element class'],
  ['hs_element_id', 'Element ID'],
  ['hs_element_text', 'Element text'],
  ['hs_language', 'Language', 'enumeration'],
  ['hs_link_href', 'Link href'],
  ['hs_operating_system', 'Operating system'],
  ['hs_operating_version', 'Operating version'],
  ['hs_page_content_type', 'Page content type', 'enumeration', CONTENT_TYPES],
  ['hs_page_id', 'Page ID'],
  ['hs_page_title', 'Page title'],
  ['hs_page_url', 'Page URL'],
  ['hs_parent_module_id', 'Parent Module ID'],
  ['hs_referrer', 'Referrer'],
  ['hs_region', 'Region'],
  ['hs_screen_height', 'Screen height', 'number'],
  ['hs_screen_width', 'Screen width', 'number'],
  ['hs_touchpoint_source', 'Touchpoint source'],
  ['hs_tracking_name', 'Tracking name'],
  ['hs_user_agent', 'User agent'],
  ['hs_utm_campaign', 'UTM Campaign'],
  ['hs_utm_content', 'UTM Content'],
  ['hs_utm_medium', 'UTM Medium'],
  ['hs_utm_source', 'UTM Source'],
  ['hs_utm_term', 'UTM Term'],
]

/** The properties that every custom event has unless its definition says otherwise. */
export const DEFAULT_EVENT_PROPERTIES: readonly PropertyDefinition[] = ROWS.map(
  ([name, label, type = 'string' as const, options = []]): PropertyDefinition => ({
    ...eventProperty({ name, label, type, options: options.map(value => ({ label: value, value })) }),
    externalOptions: type === 'enumeration' && options.length === 0,
    hubspotDefined: true,
    modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: false },
  }),
)
