// Centres for children in OpenStreetMap (ODbL, WGS-84), for overpass-turbo.eu or any Overpass server.
// Save the answer as JSON, then: python -m etl check FILE --mapping etl/sources/registers/openstreetmap.yaml
// True hits are few. Names alone find memorials and streets, too: look at what `check` shows before you build.
[out:json][timeout:300];
area["ISO3166-1"="CN"][admin_level=2]->.china;
(
  nwr(area.china)["name"~"儿童之家|留守儿童|儿童快乐家园|童心港湾|童伴之家|儿童中心|少年宫|未成年人保护"];
  nwr(area.china)["amenity"="social_facility"]["social_facility:for"~"^(child|juvenile|orphan)$"];
  nwr(area.china)["amenity"="community_centre"]["community_centre"="youth_centre"];
  nwr(area.china)["amenity"="childcare"];
);
out center tags meta;
