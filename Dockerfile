# The images of the platform, one target each: docker build --target gateway .
# Any base images do that have the .NET 10 SDK and clang, the ASP.NET Core 10 runtime, and Node.js 20, the first two for the same C library.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim

FROM ${NODE_IMAGE} AS styles
WORKDIR /src/AuthPlatform.AdminWeb
COPY build/ ../build/
COPY AuthPlatform.AdminWeb/ .
RUN node ../build/install-npm-packages.mjs "the styles of the admin pages" && node Styles/build.mjs

FROM ${SDK_IMAGE} AS build
# The history is not there to tell it from.
ARG REVISION=unknown
ENV SourceRevisionId=${REVISION}
WORKDIR /src
COPY . .
COPY --from=styles /src/AuthPlatform.AdminWeb/wwwroot/app.css AuthPlatform.AdminWeb/wwwroot/
# Compiled ahead (Directory.Build.props): the Token API and the Key Manager are programs of their own, which need nothing of the runtime in the image.
RUN dotnet publish deploy/images.slnf --configuration Release -p:ArtifactsPivots=image -p:StylesAreBuilt=true
# For whatever user a container has, also where the sources were checked out for one only.
RUN chmod -R a+rX artifacts/publish

FROM ${RUNTIME_IMAGE} AS service
ARG VERSION=latest
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="AuthPlatform" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
# Without diagnostics nobody can take a dump of a process, which would hold its keys.
ENV ASPNETCORE_HTTP_PORTS=8080 DOTNET_EnableDiagnostics=0 SecretsDirectory=/run/secrets
WORKDIR /app
USER 1654:1654

FROM service AS gateway
LABEL org.opencontainers.image.title="gateway" org.opencontainers.image.description="The public entrance of AuthPlatform"
COPY --from=build /src/artifacts/publish/AuthPlatform.Gateway/image/ .
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["dotnet", "AuthPlatform.Gateway.dll", "--health"]
ENTRYPOINT ["dotnet", "AuthPlatform.Gateway.dll"]

FROM service AS token-api
LABEL org.opencontainers.image.title="token-api" org.opencontainers.image.description="Issues and verifies the tokens of AuthPlatform"
COPY --from=build /src/artifacts/publish/AuthPlatform.TokenApi/image/ .
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["./AuthPlatform.TokenApi", "--health"]
ENTRYPOINT ["./AuthPlatform.TokenApi"]

FROM service AS key-manager
LABEL org.opencontainers.image.title="key-manager" org.opencontainers.image.description="Keeps the private keys of AuthPlatform and signs with them"
COPY --from=build /src/artifacts/publish/AuthPlatform.KeyManager/image/ .
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["./AuthPlatform.KeyManager", "--health"]
ENTRYPOINT ["./AuthPlatform.KeyManager"]

FROM service AS admin-web
LABEL org.opencontainers.image.title="admin-web" org.opencontainers.image.description="The administrators' pages of AuthPlatform"
COPY --from=build /src/artifacts/publish/AuthPlatform.AdminWeb/image/ .
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["dotnet", "AuthPlatform.AdminWeb.dll", "--health"]
ENTRYPOINT ["dotnet", "AuthPlatform.AdminWeb.dll"]

FROM service AS migrations
LABEL org.opencontainers.image.title="migrations" org.opencontainers.image.description="Brings the databases of AuthPlatform to its version, and ends"
COPY --from=build /src/artifacts/publish/AuthPlatform.MigrationWorker/image/ .
ENTRYPOINT ["dotnet", "AuthPlatform.MigrationWorker.dll"]

FROM service AS cli
LABEL org.opencontainers.image.title="cli" org.opencontainers.image.description="The operators' command line of AuthPlatform"
COPY --from=build /src/artifacts/publish/AuthPlatform.Cli/image/ .
# With its whole path: it also runs in a directory of the operator's, where it reads and writes files.
ENTRYPOINT ["dotnet", "/app/authplatform.dll"]
