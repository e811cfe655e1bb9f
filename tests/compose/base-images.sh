#!/usr/bin/env bash
# Makes local stand-ins for the base images that docker-compose.yml and deploy/Dockerfile name, for machines that reach no image registry:
# a minimal Debian with this machine's .NET, Debian's RabbitMQ, and an OTLP receiver of the tests. An image that is there stays as it is,
# be it the real one or a stand-in made before; `docker rmi` it to have it made anew. The receiver, whose source is here, is made anew where that has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../.env"

debian=callmirror-test-debian
aspnet=mcr.microsoft.com/dotnet/aspnet:$DOTNET_TAG
sdk=mcr.microsoft.com/dotnet/sdk:$DOTNET_TAG
rabbitmq=rabbitmq:$RABBITMQ_TAG
jaeger=jaegertracing/all-in-one:$JAEGER_TAG

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One image, if it is not there: its name and the function that makes it.
make_image() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  "$2" "$1" >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; echo "base-images: $1 could not be made" >&2; exit 1; }
  echo "base-images: made a stand-in for $1 ($SECONDS s)"
}

# The machine's own release, from the mirror that its apt uses, with what the machine needs to reach its package registries, whatever that is.
make_debian() {
  local release mirror
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(SITE)' "Created-By: Packages" "Codename: $release" | head -n 1)
  debootstrap --variant=minbase --include=ca-certificates "$release" "$work/debian" "$mirror"
  cp -a /usr/local/share/ca-certificates/. "$work/debian/usr/local/share/ca-certificates/"
  chroot "$work/debian" update-ca-certificates
  tar -C "$work/debian" -c . | docker import "${environment[@]/#/--change=ENV }" - "$1"
}

# As NAME=value: proxies and NuGet's settings, where there are any.
mapfile -t environment < <(env | grep -iE '^((https?|no|all)_proxy|NUGET_[A-Z_]+)=' || true)

# Builds an image of a Dockerfile on standard input; arguments after the name are given to tar and make the context.
build_image() {
  local name=$1; shift
  cat >"$work/Dockerfile"
  tar -c -C "$work" Dockerfile "$@" | docker build -q -t "$name" -
}

# The libraries and the user are those of the real image.
make_aspnet() {
  build_image "$1" -C "$(dotnet_folder)" dotnet host shared <<END
FROM $debian
RUN apt-get update && apt-get install -y --no-install-recommends libc6 libgcc-s1 libssl3 libstdc++6 tzdata && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid=1654 app && useradd --no-log-init --uid=1654 --gid=1654 --create-home app
COPY . /usr/share/dotnet/
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet && rm /usr/share/dotnet/Dockerfile
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true
END
}

make_sdk() {
  local config=$HOME/.nuget/NuGet
  mkdir -p "$work/nuget/NuGet"
  [ ! -f "$config/NuGet.Config" ] || cp "$config/NuGet.Config" "$work/nuget/NuGet/"
  build_image "$1" -C "$work/nuget" NuGet -C "$(dotnet_folder)" --exclude=./shared --exclude=./host . <<END
FROM $aspnet
COPY . /usr/share/dotnet/
RUN mkdir -p /root/.nuget && mv /usr/share/dotnet/NuGet /root/.nuget/ && rm /usr/share/dotnet/Dockerfile
END
}

dotnet_folder() { dirname "$(readlink -f "$(command -v dotnet)")"; }

# As the real one it drops root, logs to the console, heeds SIGTERM (Debian's wrappers in /usr/sbin would not) and keeps its data in the same place.
make_rabbitmq() {
  build_image "$1" -C "$here" docker-entrypoint.sh <<END
FROM $debian
RUN apt-get update && apt-get install -y --no-install-recommends rabbitmq-server && rm -rf /var/lib/apt/lists/*
RUN echo '[rabbitmq_management,rabbitmq_prometheus].' >/etc/rabbitmq/enabled_plugins
COPY docker-entrypoint.sh /usr/local/bin/
ENV PATH=/usr/local/bin:/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/rabbitmq RABBITMQ_LOGS=- LANG=C.UTF-8
VOLUME /var/lib/rabbitmq
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
END
}

made_of=callmirror.made-of
receiver=$(sha256sum "$here/otlp-receiver.cs" | cut -c 1-16)

# The real Jaeger has another entry point, and stays.
forget_old_receiver() {
  docker image inspect --format '{{json .Config.Entrypoint}}' "$jaeger" 2>/dev/null | grep -q otlp-receiver || return 0
  [ "$(docker image inspect --format "{{index .Config.Labels \"$made_of\"}}" "$jaeger")" = "$receiver" ] || docker rmi -f "$jaeger" >/dev/null
}

make_jaeger() {
  build_image "$1" -C "$here" otlp-receiver.cs <<END
FROM $sdk AS build
WORKDIR /source
COPY otlp-receiver.cs .
RUN dotnet publish otlp-receiver.cs -o /app -p:PublishAot=false
FROM $aspnet
RUN apt-get update && apt-get install -y --no-install-recommends busybox && rm -rf /var/lib/apt/lists/* && ln -s /bin/busybox /usr/bin/wget
COPY --from=build /app /app
ENV ASPNETCORE_HTTP_PORTS=
LABEL $made_of="$receiver"
ENTRYPOINT ["dotnet", "/app/otlp-receiver.dll"]
END
}

make_image "$debian" make_debian
make_image "$aspnet" make_aspnet
make_image "$sdk" make_sdk
make_image "$rabbitmq" make_rabbitmq
forget_old_receiver
make_image "$jaeger" make_jaeger
